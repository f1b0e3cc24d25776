/** Requests signed before the clock runs: neither signing nor verifying on the client's side hides what the server does. */
import { Cbor, IC_REQUEST_DOMAIN_SEPARATOR, requestIdOf, type RequestId } from '@dfinity/agent';
import { Principal } from '@dfinity/principal';
import { generateKeyPairSync, sign } from 'node:crypto';
import { concatBytes } from '../../src/core/bytes';

export interface SignedRequest {
    /** Below the network's address. */
    readonly path: string;
    readonly body: Uint8Array;
    readonly requestId: RequestId;
}

/** What is asked of a canister; the argument is Candid. */
export interface Question {
    readonly canister: Principal;
    readonly method: string;
    readonly argument: Uint8Array;
}

const TTL_MS = 240_000;

/** An Ed25519 identity on OpenSSL, fast enough to sign thousands of requests. */
export class Signer {
    private readonly key = generateKeyPairSync('ed25519');
    private readonly publicKeyDer = new Uint8Array(this.key.publicKey.export({ type: 'spki', format: 'der' }));
    private readonly sender = Principal.selfAuthenticating(this.publicKeyDer).toUint8Array();
    private signed = 0n;

    /** Calls that the server answers with a certificate. */
    updates(question: Question, count: number): readonly SignedRequest[] {
        return Array.from({ length: count }, () => this.request('call', 'v3', question));
    }

    queries(question: Question, count: number): readonly SignedRequest[] {
        return Array.from({ length: count }, () => this.request('query', 'v2', question));
    }

    private request(type: 'call' | 'query', version: string, question: Question): SignedRequest {
        const content = {
            request_type: type,
            sender: this.sender,
            // Each request is another one: no two have the same nonce.
            nonce: new Uint8Array(new BigUint64Array([++this.signed]).buffer),
            ingress_expiry: BigInt(Date.now() + TTL_MS) * 1_000_000n,
            canister_id: question.canister.toUint8Array(),
            method_name: question.method,
            arg: question.argument
        };
        const requestId = requestIdOf(content);
        const sender_sig = new Uint8Array(
            sign(null, concatBytes(IC_REQUEST_DOMAIN_SEPARATOR, requestId), this.key.privateKey)
        );
        return {
            path: `/api/${version}/canister/${question.canister.toText()}/${type}`,
            body: Cbor.encode({ content, sender_pubkey: this.publicKeyDer, sender_sig }),
            requestId
        };
    }
}
