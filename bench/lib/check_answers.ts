/** What was measured must have happened: answers are looked at after the clock has stopped. */
import { Cbor, Certificate, LookupPathStatus, type HttpAgent } from '@dfinity/agent';
import type { Principal } from '@dfinity/principal';
import type { SignedRequest } from './signed_requests';

/** A measured request was not answered with a reply. */
export class NoReply extends Error {
    constructor(readonly answer: unknown) {
        super(`not a reply: ${String(answer)}`);
        this.name = 'NoReply';
    }
}

interface Answer {
    readonly status?: string;
    readonly certificate?: Uint8Array;
}

/** Every answer is a reply. @throws {@link NoReply} */
export function checkReplies(answers: readonly Uint8Array[]): void {
    for (const bytes of answers) {
        const answer = Cbor.decode<Answer>(bytes);
        if (answer.status !== 'replied') throw new NoReply(answer.status);
    }
}

/** The certificate of one update call, verified as the agent verifies every one; shows the reply. @throws {@link NoReply} */
export async function checkCertificate(
    agent: HttpAgent,
    canister: Principal,
    request: SignedRequest | undefined,
    answer: Uint8Array | undefined
): Promise<void> {
    const { certificate } = Cbor.decode<Answer>(answer ?? new Uint8Array());
    const { rootKey } = agent;
    if (request === undefined || certificate === undefined || rootKey === null) throw new NoReply(answer);
    const verified = await Certificate.create({ certificate, rootKey, canisterId: canister });
    const status = verified.lookup_path(['request_status', request.requestId, 'status']);
    if (status.status !== LookupPathStatus.Found || new TextDecoder().decode(status.value) !== 'replied')
        throw new NoReply(status);
}
