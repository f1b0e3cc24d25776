import { DEFAULT_LIMITS } from '../../../canisters/compute_gateway/domain/limits';
import type { Job, JobState } from '../../../canisters/compute_gateway/domain/job';
import { transition, type JobEvent, type LeaseClaim } from '../../../canisters/compute_gateway/domain/transition';
import { NS_PER_S } from '../../../src/core/clock';
import { ALICE, GENESIS_NS, NODE_A, NODE_B } from './support/market';

const CLAIM: LeaseClaim = { node: NODE_A, token: 5n, attempt: 1 };
const STALE_CLAIM: LeaseClaim = { ...CLAIM, token: 6n };
const EXEC_NS = 300n * NS_PER_S;
const HASH = new Uint8Array(32);
const ENDED = { finishedAtNs: GENESIS_NS };

const CLAIM_LEASE = {
    ...CLAIM,
    grantedAtNs: GENESIS_NS,
    deadlineNs: GENESIS_NS + 60n * NS_PER_S,
    units: 2n
};

const STATES: readonly JobState[] = [
    { kind: 'Opening' },
    { kind: 'Queued' },
    { kind: 'Waiting', untilNs: GENESIS_NS + 60n * NS_PER_S },
    { kind: 'Leased' },
    { kind: 'Completed', ...ENDED, units: 1n, creditsUsed: 1n, outputHash: HASH },
    { kind: 'Failed', ...ENDED, code: 'x' },
    { kind: 'TimedOut', ...ENDED },
    { kind: 'Cancelled', ...ENDED, units: 0n, creditsUsed: 0n },
    { kind: 'Expired', ...ENDED },
    { kind: 'Cancelling' }
];

function jobIn(state: JobState): Job {
    return {
        id: 1n,
        appId: 'app',
        payer: { kind: 'Principal', who: ALICE },
        submitter: ALICE,
        isByReference: false,
        receiptForm: 2,
        priority: 'Standard',
        maxCredits: 10n,
        maxUnits: 10n,
        unitPriceCredits: 1n,
        leaseNs: 60n * NS_PER_S,
        createdAtNs: GENESIS_NS,
        expiresAtNs: GENESIS_NS + 600n * NS_PER_S,
        queuedAtNs: GENESIS_NS,
        isAged: false,
        attempt: state.kind === 'Opening' ? 0 : 1,
        failures: 0,
        excluded: [],
        lease: state.kind === 'Opening' ? undefined : CLAIM_LEASE,
        state
    };
}

const completed = (claim: LeaseClaim): JobEvent => ({
    kind: 'Completed',
    claim,
    units: 1n,
    outputHash: HASH
});
const failed = (claim: LeaseClaim, retryable: boolean, isBlameless = false): JobEvent => ({
    kind: 'Failed',
    claim,
    code: 'x',
    retryable,
    isBlameless
});

/** What each event makes of a job in each of STATES, in their order; `-` where the job stays as it is. */
const MATRIX: readonly (readonly [string, JobEvent, number, string])[] = [
    ['the hold is made', { kind: 'Opened', owner: ALICE }, 1, 'Queued - - - - - - - - -'],
    ['a node claims', { kind: 'Leased', node: NODE_B, token: 7n }, 1, '! Leased ! ! ! ! ! ! ! !'],
    ['the holder beats', { kind: 'Renewed', claim: CLAIM, execNs: EXEC_NS }, 1, '! ! ! Leased ! ! ! ! ! Cancelling'],
    [
        'the holder tells its units',
        { kind: 'Renewed', claim: CLAIM, execNs: EXEC_NS, units: 3n },
        1,
        '! ! ! Leased ! ! ! ! ! Cancelled'
    ],
    ['the holder beats too late', { kind: 'Renewed', claim: CLAIM, execNs: EXEC_NS }, 60, '! ! ! ! ! ! ! ! ! !'],
    ['another beats', { kind: 'Renewed', claim: STALE_CLAIM, execNs: EXEC_NS }, 1, '! ! ! ! ! ! ! ! ! !'],
    ['the holder completes', completed(CLAIM), 1, '! Completed Completed Completed ! ! ! ! ! Cancelled'],
    ['another completes', completed(STALE_CLAIM), 1, '! ! ! ! ! ! ! ! ! !'],
    ['the holder gives up for now', failed(CLAIM, true), 1, '! ! ! Waiting ! ! ! ! ! Cancelled'],
    ['the holder gives up for good', failed(CLAIM, false), 1, '! ! ! Failed ! ! ! ! ! Cancelled'],
    ['the holder gives back without fault', failed(CLAIM, true, true), 1, '! ! ! Queued ! ! ! ! ! Cancelled'],
    ['another gives up', failed(STALE_CLAIM, false), 1, '! ! ! ! ! ! ! ! ! !'],
    ['the payer cancels', { kind: 'CancelAsked' }, 1, '! Cancelled Cancelled Cancelling ! ! ! ! ! -'],
    ['a second passes', { kind: 'Woken' }, 1, '- - - - - - - - - -'],
    ['a minute passes', { kind: 'Woken' }, 60, '- - Queued Waiting - - - - - Cancelled'],
    ['two minutes pass', { kind: 'Woken' }, 120, '- - Queued Queued - - - - - Cancelled'],
    ['half of its patience passes', { kind: 'Woken' }, 300, '- Queued Queued Queued - - - - - Cancelled'],
    ['the patience of the queue ends', { kind: 'Woken' }, 600, '- Expired Expired TimedOut - - - - - Cancelled']
];

test.each(MATRIX)('every state has an answer when %s', (_name, event, afterS, expected) => {
    const nowNs = GENESIS_NS + BigInt(afterS) * NS_PER_S;
    const outcomes = STATES.map((state) => {
        const job = jobIn(state);
        const result = transition(job, event, nowNs, DEFAULT_LIMITS);
        if (!result.ok) return '!';
        return result.value === job ? '-' : result.value.state.kind;
    });
    expect(outcomes.join(' ')).toBe(expected);
});

test('the last attempt ends a job: by time as TimedOut, by failure as Failed', () => {
    const job = { ...jobIn({ kind: 'Leased' }), attempt: 3, failures: 2 };
    const nowNs = GENESIS_NS + 60n * NS_PER_S;
    expect(transition(job, { kind: 'Woken' }, nowNs, DEFAULT_LIMITS)).toMatchObject({
        value: { state: { kind: 'TimedOut' } }
    });
    expect(transition(job, failed(CLAIM, true), GENESIS_NS, DEFAULT_LIMITS)).toMatchObject({
        value: { state: { kind: 'Failed' } }
    });
});

test('a job whose time is over is a dead letter when it was tried in vain, and has expired when it was not', () => {
    const nowNs = GENESIS_NS + 600n * NS_PER_S;
    for (const state of STATES.slice(1, 3)) {
        const end = (failures: number) =>
            transition({ ...jobIn(state), failures }, { kind: 'Woken' }, nowNs, DEFAULT_LIMITS);
        expect(end(0)).toMatchObject({ value: { state: { kind: 'Expired' } } });
        expect(end(1)).toMatchObject({ value: { state: { kind: 'TimedOut' } } });
    }
});

test('scenario 11: a cancelled job is paid what its node told before, or brings in the end; never less, never above the hold', () => {
    const nowNs = GENESIS_NS + NS_PER_S;
    const job = jobIn({ kind: 'Cancelling' });
    const end = (event: JobEvent, atNs = nowNs) => transition(job, event, atNs, DEFAULT_LIMITS);
    const paid = (units: bigint) => ({ value: { state: { kind: 'Cancelled', units, creditsUsed: units } } });
    expect(end({ kind: 'Renewed', claim: CLAIM, execNs: EXEC_NS, units: 7n })).toMatchObject(paid(7n));
    expect(end({ kind: 'Renewed', claim: CLAIM, execNs: EXEC_NS, units: 1n })).toMatchObject(paid(2n));
    expect(end({ kind: 'Renewed', claim: CLAIM, execNs: EXEC_NS, units: 99n })).toMatchObject(paid(10n));
    expect(end(failed(CLAIM, false))).toMatchObject(paid(2n));
    expect(end({ ...completed(CLAIM), units: 4n } as JobEvent)).toMatchObject(paid(4n));
    expect(end({ ...completed(CLAIM), units: 11n } as JobEvent)).toMatchObject({ error: { kind: 'UsageTooHigh' } });
    expect(end({ kind: 'Woken' }, GENESIS_NS + 60n * NS_PER_S)).toMatchObject(paid(2n));
});

test('back-off: 2 s, 4 s, 8 s … half more or less, at most a minute; the lost lease’s token spreads it', () => {
    const rests = (failures: number, token: bigint): number => {
        const lease = { ...CLAIM_LEASE, token };
        const job = { ...jobIn({ kind: 'Leased' }), lease, failures };
        const event = failed({ ...CLAIM, token }, true);
        const after = transition(job, event, GENESIS_NS, { ...DEFAULT_LIMITS, maxAttempts: 99n });
        if (!after.ok || after.value.state.kind !== 'Waiting') return -1;
        return Number(after.value.state.untilNs - GENESIS_NS) / 1e6;
    };
    expect([0n, 500n, 999n, 1_000n].map((token) => rests(0, token))).toEqual([1_000, 2_000, 2_998, 1_000]);
    expect([1, 2, 3, 4, 5, 9].map((failures) => rests(failures, 500n))).toEqual([
        4_000, 8_000, 16_000, 32_000, 60_000, 60_000
    ]);
});
