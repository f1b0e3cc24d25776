import { canisterCycleBalance, IDL } from 'azle';
import type { PauseSwitch } from './pause';
import { CandidPeers, toCandidPeers, type PeerDirectory } from './peers';
import { lastTimerNs } from './timers';

/** What an operator sees of a canister at a glance; the same shape everywhere, and its cost grows with nothing. */
export const CanisterStatus = IDL.Record({
    version: IDL.Text,
    /** Of what is in stable memory. */
    schema_version: IDL.Nat32,
    paused: IDL.Bool,
    peers: CandidPeers,
    cycles: IDL.Nat,
    /** When a timer last began to run; empty until one has since the last upgrade. */
    last_timer_ns: IDL.Opt(IDL.Nat64)
});

export interface CanisterStatus {
    version: string;
    schema_version: number;
    paused: boolean;
    peers: CandidPeers;
    cycles: bigint;
    last_timer_ns: [] | [bigint];
}

/** What differs between canisters. */
export interface StatusSource {
    readonly version: string;
    readonly schemaVersion: number;
    readonly pause: PauseSwitch;
    readonly peers: PeerDirectory;
}

export function canisterStatus({ version, schemaVersion, pause, peers }: StatusSource): CanisterStatus {
    const lastNs = lastTimerNs();
    return {
        version,
        schema_version: schemaVersion,
        paused: pause.isPaused(),
        peers: toCandidPeers(peers.all()),
        cycles: canisterCycleBalance(),
        last_timer_ns: lastNs === undefined ? [] : [lastNs]
    };
}
