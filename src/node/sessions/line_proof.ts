import type { SignIdentity } from '@dfinity/agent';
import { toHex } from '../../core/bytes';
import { lineProofBytes } from '../../core/compute/session_wire';
import type { HeldSession } from './ports';

/** The part of an identity that proves who opens a line. */
export type LineSigner = Pick<SignIdentity, 'sign' | 'getPublicKey'>;

/** The `authorization` of a session's line: `Node KEY.TIME.SIGNATURE`, the key in DER, bytes in hexadecimal. */
export async function proveLine(
    { canister, sessionId, replyUrl }: Pick<HeldSession, 'canister' | 'sessionId' | 'replyUrl'>,
    signer: LineSigner,
    nowMs = Date.now()
): Promise<string> {
    const proof = { canister, sessionId, gatewayUrl: replyUrl, atMs: BigInt(nowMs) };
    const signature = await signer.sign(lineProofBytes(proof));
    const key = new Uint8Array(signer.getPublicKey().toDer());
    return `Node ${toHex(key)}.${nowMs}.${toHex(new Uint8Array(signature))}`;
}
