import { IDL } from 'azle';
import { Principal } from '@dfinity/principal';
import { cachedCell } from '../core/cached_cell';
import { codecOf, optional, principal, record } from '../core/codec';
import { CANISTERS, peersFromEnvironment, type CanisterName, type Peers } from '../core/peers';
import { samePrincipal } from '../core/principals';
import type { Cell, TableFactory } from '../core/table';

/** `record { token_icrc1 : opt principal; rewards : opt principal; … }` */
export const CandidPeers = IDL.Record(Object.fromEntries(CANISTERS.map((name) => [name, IDL.Opt(IDL.Principal)])));

/** Answer of `set_peers`. */
export const SetPeersResult = IDL.Variant({ Ok: IDL.Null, Err: IDL.Variant({ Unauthorized: IDL.Null }) });
export type CandidSetPeersResult = { Ok: null } | { Err: { Unauthorized: null } };

/** Who asks for a change. */
export interface PeerNamer {
    readonly isGovernance: boolean;
    readonly isController: boolean;
}

export type CandidPeers = { [Name in CanisterName]: [] | [Principal] };

const peersCodec = codecOf(
    record<Peers>({
        token_icrc1: optional(principal),
        rewards: optional(principal),
        state_machine: optional(principal),
        hub: optional(principal),
        compute_gateway: optional(principal)
    })
);

export function fromCandidPeers(candid: CandidPeers): Peers {
    return Object.fromEntries(CANISTERS.flatMap((name) => candid[name].map((id) => [name, id])));
}

export function toCandidPeers(peers: Peers): CandidPeers {
    const candid = {} as CandidPeers;
    for (const name of CANISTERS) candid[name] = peers[name] === undefined ? [] : [peers[name]];
    return candid;
}

/** The stored directory of the suite's canisters. */
export class PeerDirectory {
    private readonly cell: Cell<Peers>;

    constructor(tables: TableFactory) {
        this.cell = cachedCell(tables.cell('peers', peersCodec, {}));
    }

    all(): Peers {
        return this.cell.get();
    }

    get(name: CanisterName): Principal | undefined {
        return this.all()[name];
    }

    /** Whether the principal is the named canister. */
    is(who: Principal, name: CanisterName): boolean {
        const peer = this.get(name);
        return peer !== undefined && samePrincipal(peer, who);
    }

    /** Ids that are given replace what is stored, the others stay. */
    merge(peers: Peers): void {
        this.cell.set({ ...this.all(), ...peers });
    }

    /**
     * `set_peers`: governance names any id, a controller those that are not known yet, so that a suite can be put together
     * (architecture.md §4: peers are set at init and changed by governance). All or nothing.
     */
    name(given: Peers, { isGovernance, isController }: PeerNamer): CandidSetPeersResult {
        if (!isGovernance && (!isController || this.replaces(given))) return { Err: { Unauthorized: null } };
        this.merge(given);
        return { Ok: null };
    }

    private replaces(given: Peers): boolean {
        return CANISTERS.some((name) => {
            const [known, named] = [this.get(name), given[name]];
            return known !== undefined && named !== undefined && !samePrincipal(known, named);
        });
    }

    /** Takes over the ids that the build environment holds (dfx); called in init and post_upgrade. */
    mergeEnvironment(): void {
        this.merge(peersFromEnvironment(process.env));
    }
}
