import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import {
    hashOfMap,
    IC_RESPONSE_DOMAIN_SEPARATOR,
    QueryResponseStatus,
    type ApiQueryResponse,
    type NodeSignature
} from '@dfinity/agent';
import { Principal } from '@dfinity/principal';

/** DER keys of a subnet's nodes, by the nodes' principals as text. */
export type NodeKeys = ReadonlyMap<string, Uint8Array>;

const NS_PER_MS = 1_000_000n;

/**
 * Whether a query's answer is signed as the interface specification asks (§ HTTPS interface, request: query call): by nodes
 * of the subnet, over the answer, the request's id and the time of signing, and not before `oldestMs`.
 */
export function isSignedByNodes(answer: ApiQueryResponse, nodes: NodeKeys, oldestMs: number): boolean {
    const { signatures = [] } = answer;
    return (
        signatures.length > 0 &&
        signatures.every(
            (signature) =>
                BigInt(signature.timestamp) >= BigInt(oldestMs) * NS_PER_MS && isSigned(answer, signature, nodes)
        )
    );
}

function isSigned(
    answer: ApiQueryResponse,
    { identity, signature, timestamp }: NodeSignature,
    nodes: NodeKeys
): boolean {
    const der = nodes.get(Principal.fromUint8Array(identity).toText());
    const key = der && keyOf(der);
    if (key === undefined) return false;
    const hash = hashOfMap({ ...signedPart(answer), timestamp: BigInt(timestamp), request_id: answer.requestId });
    return verify(null, Buffer.concat([IC_RESPONSE_DOMAIN_SEPARATOR, hash]), key, signature);
}

function signedPart(answer: ApiQueryResponse): Record<string, unknown> {
    const { status } = answer;
    if (status === QueryResponseStatus.Replied) return { status, reply: answer.reply };
    const { reject_code, reject_message, error_code } = answer;
    return { status, reject_code, reject_message, ...(error_code !== undefined && { error_code }) };
}

/** Keys that were read once: the nodes of a subnet stay the same for weeks. */
const keys = new WeakMap<Uint8Array, KeyObject>();

function keyOf(der: Uint8Array): KeyObject | undefined {
    const known = keys.get(der);
    if (known !== undefined) return known;
    try {
        const key = createPublicKey({ key: Buffer.from(der), format: 'der', type: 'spki' });
        if (key.asymmetricKeyType !== 'ed25519') return undefined;
        keys.set(der, key);
        return key;
    } catch {
        return undefined;
    }
}
