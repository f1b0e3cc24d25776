import type { HttpAnswer } from '../http/http_server';
import { verifyCanisterSignature } from '../wire/canister_signature';
import { parsePublicKey } from '../wire/der';
import type { Body } from './json';
import { jsonAnswer } from './rest_answer';

/** `POST /verify_signature`: whether a canister has signed `msg`. Keys are DER; 406 when it has not, 400 for keys that are none. */
export function verifySignature(body: Body): HttpAnswer {
    const [key, rootKey] = [parsePublicKey(body.bytes('pubkey')), body.bytes('root_pubkey')];
    if (key?.scheme !== 'canister') return refused(400, 'Failed to parse DER encoded public key');
    if (parsePublicKey(rootKey)?.scheme !== 'bls12381')
        return refused(400, 'Failed to parse DER encoded root public key');
    return verifyCanisterSignature(key.raw, body.bytes('msg'), body.bytes('sig'), rootKey)
        ? jsonAnswer({ Ok: null })
        : refused(406, 'Canister signature verification failed');
}

function refused(status: number, reason: string): HttpAnswer {
    return jsonAnswer({ Err: reason }, status);
}
