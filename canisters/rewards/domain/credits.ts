/** What one settlement gives to whom, gathered so that every account is read and written once. */
import type { Principal } from '@dfinity/principal';
import { accountKey, type Account } from '../../../src/core/account';
import { creditAccount, holdForNode } from './accounts';
import { addParts, NO_PARTS } from './state';
import type { Parts, RewardKind, RewardRow, RewardSource, RewardsState, ShareRow } from './state';

interface Credit {
    readonly account?: Account;
    readonly node: Principal;
    parts: Parts;
    readonly entries: Map<string, RewardRow>;
}

/** Whom a node's earnings are credited to. */
export interface Payee {
    readonly node: Principal;
    /** Absent while no wallet is bound. */
    readonly account?: Account;
}

/** The credits of one round, or of a page of it; nothing is written before {@link commit}, which is called once. */
export class Credits {
    private readonly byKey = new Map<string, Credit>();
    private readonly shares: ShareRow[] = [];

    constructor(
        private readonly state: RewardsState,
        private readonly round: bigint,
        private readonly nowNs: bigint
    ) {}

    /** A node's part of the emission, which is also listed under the round. */
    share(node: Principal, amountE8s: bigint): void {
        const account = this.state.nodes.get(node)?.wallet;
        this.shares.push({ node, account, amountE8s });
        this.toPayee({ node, account }, 'emission', 'node', amountE8s);
    }

    /** Where a node's earnings go now: the wallet that is bound to it, or the node until one is. */
    payeeOf(node: Principal): Payee {
        return { node, account: this.state.nodes.get(node)?.wallet };
    }

    toPayee({ node, account }: Payee, kind: RewardKind, source: RewardSource, amountE8s: bigint): void {
        if (account !== undefined) this.toAccount(account, kind, source, amountE8s, node);
        else this.add(`node:${nodeText(node)}`, { node, parts: NO_PARTS, entries: new Map() }, kind, source, amountE8s);
    }

    toAccount(account: Account, kind: RewardKind, source: RewardSource, amountE8s: bigint, node: Principal): void {
        const key = textOf(accountKey.encode(account));
        this.add(key, { account, node, parts: NO_PARTS, entries: new Map() }, kind, source, amountE8s, node);
    }

    private add(
        key: string,
        fresh: Credit,
        kind: RewardKind,
        source: RewardSource,
        amountE8s: bigint,
        node = fresh.node
    ): void {
        if (amountE8s === 0n) return;
        const credit = this.byKey.get(key) ?? fresh;
        this.byKey.set(key, credit);
        credit.parts = addParts(credit.parts, { ...NO_PARTS, [source]: amountE8s });
        const entryKey = `${kind}:${nodeText(node)}`;
        const before = credit.entries.get(entryKey)?.amountE8s ?? 0n;
        const { round, nowNs: atNs } = this;
        credit.entries.set(entryKey, { kind, round, node, amountE8s: before + amountE8s, atNs });
    }

    /** Writes shares, balances and histories. */
    commit(): void {
        if (this.shares.length > 0) this.state.shares.appendAll(this.round, this.shares);
        for (const { account, node, parts, entries } of this.byKey.values()) {
            if (account === undefined) holdForNode(this.state, node, parts);
            else creditAccount(this.state, account, parts, [...entries.values()]);
        }
    }
}

function nodeText(node: Principal): string {
    return textOf(node.toUint8Array());
}

/** Key of a map: one character per byte, which costs a canister a fraction of hexadecimal. */
function textOf(bytes: Uint8Array): string {
    return String.fromCharCode(...bytes);
}
