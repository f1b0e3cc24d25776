import { IDL } from 'azle';
import { Principal } from '@dfinity/principal';
import { cachedCell } from '../core/cached_cell';
import { codecOf, optional, principal, record } from '../core/codec';
import { CANISTERS, peersFromEnvironment, type CanisterName, type Peers } from '../core/peers';
import { samePrincipal } from '../core/principals';
import type { Cell, TableFactory } from '../core/table';

/** `record { token_icrc1 : opt principal; rewards : opt principal; … }` */
export const CandidPeers = IDL.Record(Object.fromEntries(CANISTERS.map((name) => [name, IDL.Opt(IDL.Principal)])));

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

    /** Takes over the ids that the build environment holds (dfx); called in init and post_upgrade. */
    mergeEnvironment(): void {
        this.merge(peersFromEnvironment(process.env));
    }
}
