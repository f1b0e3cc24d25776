/** What may happen to windows: calls in any order, several times, late or never, with faults of every canister that the hub asks. */
import * as fc from 'fast-check';
import type { ReplyFault } from './faulty_canister';

/** Whom the hub asks while it closes a window. */
export const PEERS = ['token_icrc1', 'rewards', 'state_machine'] as const;
export type Peer = (typeof PEERS)[number];
export const USERS = ['alice', 'bob', 'the wallet of the nodes'] as const;
/** The last one is not registered. */
export const NODES = ['node a', 'node b', 'ghost'] as const;
export const STATUSES = ['Success', 'Success', 'Failed', 'Timeout', 'Cancelled'] as const;

/** `away`: stopped meanwhile; the others are a faulty canister's. */
const FAULTS = ['away', 'trap', 'lost_reply', 'held_reply'] as const satisfies readonly (ReplyFault | 'away')[];

const who = fc.nat(USERS.length - 1);
const peer = fc.constantFrom(...PEERS);
/** The state machine is only asked by queries, which answer at once or not at all. */
const slowPeer = fc.constantFrom('token_icrc1', 'rewards');
const result = fc.record({
    pick: fc.nat(),
    node: fc.nat(NODES.length - 1),
    status: fc.constantFrom(...STATUSES),
    used: fc.nat(22)
});

export const windowStep = fc.oneof(
    { weight: 8, arbitrary: fc.record({ kind: fc.constant('open'), who, credits: fc.nat(20), twice: fc.boolean() }) },
    { weight: 8, arbitrary: fc.record({ kind: fc.constant('record'), result, twice: fc.boolean() }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('batch'), results: fc.array(result, { maxLength: 6 }) }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('wait'), minutes: fc.integer({ min: 1, max: 130 }) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('settle'), ahead: fc.nat(1), together: fc.boolean() }) },
    /** A peer fails around a window's end, for so many minutes. */
    {
        weight: 4,
        arbitrary: fc.record({
            kind: fc.constant('fault'),
            peer,
            fault: fc.constantFrom(...FAULTS),
            minutes: fc.constantFrom(1, 7, 30),
            upgrade: fc.boolean()
        })
    },
    /** A close waits for the answer of a peer, which comes late, when others have begun anew, or after an upgrade; calls go on. */
    {
        weight: 4,
        arbitrary: fc.record({
            kind: fc.constant('held'),
            peer: slowPeer,
            ticks: fc.integer({ min: 1, max: 12 }),
            minutes: fc.constantFrom(0, 0, 12),
            result,
            upgrade: fc.boolean()
        })
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('upgrade') }) }
);

const served = (pick: number) => ({ pick, node: 0, status: 'Success' as const, used: 20 });

/**
 * Closes that are interrupted in each of their states, by an upgrade of the hub there, and by an answer that comes when
 * another run has gone on; windows with money and without.
 */
export const INTERRUPTED: readonly WindowStep[] = [
    { kind: 'fault', peer: 'state_machine', fault: 'trap', minutes: 7, upgrade: true },
    { kind: 'open', who: 0, credits: 20, twice: true },
    { kind: 'record', result: served(0), twice: true },
    { kind: 'held', peer: 'token_icrc1', ticks: 12, minutes: 0, result: served(0), upgrade: true },
    { kind: 'wait', minutes: 15 },
    { kind: 'open', who: 1, credits: 20, twice: false },
    { kind: 'record', result: served(1), twice: false },
    { kind: 'held', peer: 'rewards', ticks: 12, minutes: 0, result: served(0), upgrade: true },
    { kind: 'wait', minutes: 15 },
    { kind: 'open', who: 1, credits: 20, twice: false },
    { kind: 'record', result: served(2), twice: false },
    { kind: 'held', peer: 'token_icrc1', ticks: 12, minutes: 12, result: served(0), upgrade: false },
    { kind: 'wait', minutes: 15 },
    { kind: 'held', peer: 'rewards', ticks: 12, minutes: 12, result: served(0), upgrade: false },
    { kind: 'wait', minutes: 15 },
    { kind: 'settle', ahead: 0, together: true },
    { kind: 'upgrade' }
];

type Steps<Arbitrary> = Arbitrary extends fc.Arbitrary<infer Step> ? Step : never;
export type WindowStep = Steps<typeof windowStep>;
export type Result = Steps<typeof result>;
