/** Candid types of airdrops. */
import { IDL } from 'azle';
import type { CandidAccount } from '../../../src/core/account';
import { Account } from './idl';

export const AirdropClass = IDL.Variant({
    node: IDL.Null,
    developer: IDL.Null,
    user: IDL.Null,
    trader: IDL.Null,
    socket: IDL.Null,
    task: IDL.Null
});
export type AirdropClass = object;

const Entry = IDL.Record({ account: Account, amount_e8s: IDL.Nat });
export interface Entry {
    account: CandidAccount;
    amount_e8s: bigint;
}

export const AirdropList = IDL.Variant({
    /** Root of the Merkle tree over the list (RFC 9162), and the list's length. */
    Root: IDL.Record({ root: IDL.Vec(IDL.Nat8), count: IDL.Nat64 }),
    Entries: IDL.Vec(Entry)
});
export type AirdropList = { Root: { root: Uint8Array; count: bigint } } | { Entries: Entry[] };

export const ClaimAirdropArgs = IDL.Record({
    airdrop: IDL.Nat64,
    index: IDL.Nat64,
    subaccount: IDL.Opt(IDL.Vec(IDL.Nat8)),
    amount_e8s: IDL.Nat,
    /** Hashes from the leaf's neighbour up; empty when the airdrop has its list. */
    proof: IDL.Vec(IDL.Vec(IDL.Nat8))
});
export interface ClaimAirdropArgs {
    airdrop: bigint;
    index: bigint;
    subaccount: [] | [Uint8Array];
    amount_e8s: bigint;
    proof: Uint8Array[];
}

/** The payment of a place, in the list of transfers. */
export const AirdropPayment = IDL.Record({ transfer: IDL.Nat64, paid: IDL.Bool });
export interface AirdropPayment {
    transfer: bigint;
    paid: boolean;
}

export const AirdropView = IDL.Record({
    id: IDL.Nat64,
    class: AirdropClass,
    total_e8s: IDL.Nat,
    claimed_e8s: IDL.Nat,
    claims: IDL.Nat64,
    root: IDL.Opt(IDL.Vec(IDL.Nat8)),
    count: IDL.Nat64,
    created_ns: IDL.Nat64,
    expires_ns: IDL.Nat64,
    proposal: IDL.Nat64,
    closed: IDL.Bool
});
export interface AirdropView {
    id: bigint;
    class: AirdropClass;
    total_e8s: bigint;
    claimed_e8s: bigint;
    claims: bigint;
    root: [] | [Uint8Array];
    count: bigint;
    created_ns: bigint;
    expires_ns: bigint;
    proposal: bigint;
    closed: boolean;
}
