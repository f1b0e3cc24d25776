import { IDL } from '@dfinity/candid';
import fc from 'fast-check';
import { encodeJobAnswer } from '../../../canisters/compute_gateway/api/encode_job';
import { creditsUsed, holdOf, isTerminal, unitsUsed, type Job } from '../../../canisters/compute_gateway/domain/job';
import { INTERFACES } from '../../../src/client/canisters';
import { compileArgs } from '../../../src/core/candid/codec';
import { anyJob } from './support/any_job';

const [, method] = INTERFACES.compute_gateway({ IDL })._fields.find(([name]) => name === 'complete_job') ?? [];
const types = method?.retTypes ?? [];
const codec = compileArgs<[unknown]>(types);

/** What a job can have: a hold of 64 bits, and names of bounded length. */
const job = anyJob.map((any) => ({
    ...any,
    appId: any.appId.slice(0, 20),
    maxUnits: any.maxUnits >> 32n,
    unitPriceCredits: any.unitPriceCredits >> 32n
}));

/** The view of a job that shows no output and nothing that must be asked for. */
function viewOf(of: Job): object {
    const { state } = of;
    const isWaiting = state.kind === 'Opening' || state.kind === 'Waiting';
    const optional = <T>(value: T | undefined): T[] => (value === undefined ? [] : [value]);
    return {
        job_id: of.id,
        app_id: of.appId,
        owner: of.owner ?? of.submitter,
        state: { [isWaiting ? 'Queued' : state.kind]: null },
        attempt: of.attempt,
        node: optional(of.lease?.node),
        credits_held: isTerminal(state) ? 0n : holdOf(of),
        credits_used: creditsUsed(of),
        units: unitsUsed(of),
        output: [],
        output_hash: optional(state.kind === 'Completed' ? state.outputHash : undefined),
        receipt_hash: [],
        details: [],
        lease_hash: [],
        error: optional(state.kind === 'Failed' ? state.code : undefined),
        created_at_ns: of.createdAtNs,
        finished_at_ns: isTerminal(state) ? state.finishedAtNs : 0n,
        why_not: [],
        group: optional(of.group),
        redrive_of: optional(of.redriveOf)
    };
}

test('a job encoded by hand is the view of the job encoded by its type', () => {
    fc.assert(
        fc.property(job, (any) => {
            const expected = new Uint8Array(IDL.encode(types, [{ Ok: viewOf(any) }]));
            expect(codec.encode([encodeJobAnswer(any)])).toEqual(expected);
        }),
        { numRuns: 300 }
    );
});
