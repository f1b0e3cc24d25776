import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import fc from 'fast-check';
import { encodeJobAnswer, encodeWorkAnswer } from '../../../canisters/compute_gateway/api/encode_job';
import { encodeLeases } from '../../../canisters/compute_gateway/api/encode_leases';
import { creditsUsed, holdOf, isTerminal, unitsUsed, type Job } from '../../../canisters/compute_gateway/domain/job';
import { INTERFACES } from '../../../src/client/canisters';
import { compileArgs } from '../../../src/core/candid/codec';
import { maybe } from '../../support/arbitraries';
import { anyJob, u64 } from './support/any_job';

function resultOf(method: string): IDL.Type[] {
    const [, type] = INTERFACES.compute_gateway({ IDL })._fields.find(([name]) => name === method) ?? [];
    return type?.retTypes ?? [];
}

/** What a job can have: a hold of 64 bits, and names of bounded length. */
const job = anyJob.map((any) => ({
    ...any,
    appId: any.appId.slice(0, 20),
    maxUnits: any.maxUnits >> 32n,
    unitPriceCredits: any.unitPriceCredits >> 32n
}));

/** The view of a job that shows no output and nothing that must be asked for. */
function viewOf(of: Job) {
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
    const types = resultOf('submit_job');
    const codec = compileArgs<[unknown]>(types);
    fc.assert(
        fc.property(job, (any) => {
            const expected = new Uint8Array(IDL.encode(types, [{ Ok: viewOf(any) }]));
            expect(codec.encode([encodeJobAnswer(any)])).toEqual(expected);
        }),
        { numRuns: 300 }
    );
});

test('what a node is told of its work, encoded by hand, is the view encoded by its type, and nothing of the payer', () => {
    const types = resultOf('complete_job');
    const codec = compileArgs<[unknown]>(types);
    fc.assert(
        fc.property(job, (any) => {
            const { job_id, state, attempt, units, credits_used } = viewOf(any);
            const told = { job_id, state, attempt, units, credits_used };
            const expected = new Uint8Array(IDL.encode(types, [{ Ok: told }]));
            expect(codec.encode([encodeWorkAnswer(any)])).toEqual(expected);
        }),
        { numRuns: 300 }
    );
});

test('leases encoded by hand are their views encoded by their type', () => {
    const types = resultOf('claim_jobs');
    const codec = compileArgs<[unknown]>(types);
    const granted = fc.record({
        job,
        lease: fc.record({
            node: fc.constant(Principal.anonymous()),
            token: u64,
            attempt: fc.nat(9),
            grantedAtNs: u64,
            deadlineNs: u64,
            units: u64
        }),
        input: fc.oneof(
            fc.uint8Array({ maxLength: 300 }),
            fc.constantFrom(16_383, 16_384, 131_072).map((length) => new Uint8Array(length).fill(7))
        ),
        replyUrl: maybe(fc.webUrl())
    });
    fc.assert(
        fc.property(fc.array(granted, { maxLength: 8 }), (all) => {
            const views = all.map(({ job: of, lease, input, replyUrl }) => ({
                job_id: of.id,
                attempt: lease.attempt,
                token: lease.token,
                app_id: of.appId,
                input,
                input_ref: [],
                max_units: of.maxUnits,
                deadline_ns: lease.deadlineNs,
                lease_ns: of.leaseNs,
                reply_url: replyUrl === undefined ? [] : [replyUrl]
            }));
            const expected = new Uint8Array(IDL.encode(types, [{ Ok: views }]));
            expect(Buffer.compare(codec.encode([encodeLeases(all)]), expected)).toBe(0);
        }),
        { numRuns: 100 }
    );
});
