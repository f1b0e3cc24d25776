/** Any job, also such as never comes to be. */
import fc from 'fast-check';
import { PRIORITIES, type Job, type JobState, type Payer } from '../../../../canisters/compute_gateway/domain/job';
import { anyHash as hash, anyPrincipal as someone, anyText as text, maybe } from '../../../support/arbitraries';

export const u64 = fc.bigInt({ min: 0n, max: (1n << 64n) - 2n });
const u32 = fc.nat(0xffff_ffff);

const state: fc.Arbitrary<JobState> = fc.oneof(
    fc.constantFrom<JobState>({ kind: 'Opening' }, { kind: 'Queued' }, { kind: 'Leased' }, { kind: 'Cancelling' }),
    fc.record({ kind: fc.constant('Waiting' as const), untilNs: u64 }),
    fc.record({
        kind: fc.constantFrom('TimedOut' as const, 'Expired' as const),
        finishedAtNs: u64
    }),
    fc.record({ kind: fc.constant('Cancelled' as const), finishedAtNs: u64, units: u64, creditsUsed: u64 }),
    fc.record({ kind: fc.constant('Failed' as const), finishedAtNs: u64, code: text }),
    fc.record({
        kind: fc.constant('Completed' as const),
        finishedAtNs: u64,
        units: u64,
        creditsUsed: u64,
        outputHash: hash
    })
);

export const anyJob: fc.Arbitrary<Job> = fc.tuple(someone, someone, fc.nat(5)).chain(([first, second, same]) =>
    fc.record({
        id: u64,
        appId: text,
        payer: fc.oneof<fc.Arbitrary<Payer>[]>(
            fc.constant({ kind: 'Principal', who: first }),
            hash.map((keyHash) => ({ kind: 'ApiKey', keyHash }))
        ),
        submitter: fc.constant(same < 3 ? first : second),
        owner: fc.constantFrom(undefined, first, second),
        priority: fc.constantFrom(...PRIORITIES),
        sessionKey: maybe(text),
        group: maybe(u64),
        redriveOf: maybe(u64),
        idempotencyKey: maybe(text),
        ackHash: maybe(hash),
        socket: maybe(u64),
        isByReference: fc.boolean(),
        receiptForm: fc.constantFrom(1 as const, 2 as const),
        maxCredits: u64,
        maxUnits: u64,
        unitPriceCredits: u64,
        leaseNs: u64,
        createdAtNs: u64,
        expiresAtNs: u64,
        nodes: maybe(fc.array(someone, { maxLength: 50 })),
        queuedAtNs: u64,
        isAged: fc.boolean(),
        attempt: u32,
        failures: u32,
        excluded: fc.array(someone, { maxLength: 5 }),
        lease: maybe(
            fc.record({ node: someone, token: u64, attempt: u32, grantedAtNs: u64, deadlineNs: u64, units: u64 })
        ),
        state
    })
);
