/** What one settlement gives to whom, gathered so that every account is read and written once. */
import type { Principal } from '@dfinity/principal';
import { DEFAULT_SUBACCOUNT, type Account } from '../../../../src/core/account';
import { byteText, equalBytes } from '../../../../src/core/bytes';
import { samePrincipal } from '../../../../src/core/principals';
import { creditAccount, holdForNode } from '../claims/accounts';
import { NO_PARTS } from '../state';
import type { RewardKind, RewardRow, RewardSource, RewardsState, ShareRow } from '../state';

interface Credit {
    /** Absent for what is held under a node. */
    readonly account?: Account;
    readonly node: Principal;
    readonly parts: Record<RewardSource, bigint>;
    readonly entries: RewardRow[];
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
        const payee = this.payeeOf(node);
        this.shares.push({ ...payee, amountE8s });
        this.toPayee(payee, 'emission', 'node', amountE8s);
    }

    /** Where a node's earnings go now: the wallet that is bound to it, or the node until one is. */
    payeeOf(node: Principal): Payee {
        return { node, account: this.state.nodes.get(node)?.wallet };
    }

    toPayee(payee: Payee, kind: RewardKind, source: RewardSource, amountE8s: bigint): void {
        if (amountE8s === 0n) return;
        const { node, account } = payee;
        const key = account === undefined ? `node:${textOf(node)}` : keyOf(account);
        this.add(this.creditOf(key, node, account), node, kind, source, amountE8s);
    }

    toAccount(account: Account, kind: RewardKind, source: RewardSource, amountE8s: bigint, node: Principal): void {
        if (amountE8s === 0n) return;
        this.add(this.creditOf(keyOf(account), node, account), node, kind, source, amountE8s);
    }

    /** Writes shares, balances and histories. */
    commit(): void {
        if (this.shares.length > 0) this.state.shares.appendAll(this.round, this.shares);
        for (const { account, node, parts, entries } of this.byKey.values()) {
            if (account === undefined) holdForNode(this.state, node, parts);
            else creditAccount(this.state, account, parts, entries);
        }
    }

    private creditOf(key: string, node: Principal, account: Account | undefined): Credit {
        const known = this.byKey.get(key);
        if (known !== undefined) return known;
        const credit: Credit = { account, node, parts: { ...NO_PARTS }, entries: [] };
        this.byKey.set(key, credit);
        return credit;
    }

    /** One history entry for what follows each other for the same reason. */
    private add(credit: Credit, node: Principal, kind: RewardKind, source: RewardSource, amountE8s: bigint): void {
        const { parts, entries } = credit;
        parts[source] += amountE8s;
        const last = entries[entries.length - 1];
        const isSame = last?.kind === kind && last.node !== undefined && samePrincipal(last.node, node);
        const entry = { kind, round: this.round, node, amountE8s, atNs: this.nowNs };
        if (isSame) entries[entries.length - 1] = { ...entry, amountE8s: last.amountE8s + amountE8s };
        else entries.push(entry);
    }
}

/** Key of a map: equal for both spellings of the default subaccount. */
function keyOf(account: Account): string {
    const { owner, subaccount } = account;
    const isDefault = subaccount === undefined || equalBytes(subaccount, DEFAULT_SUBACCOUNT);
    return `account:${textOf(owner)}:${isDefault ? '' : byteText(subaccount)}`;
}

/** A principal behind its length, so that no two keys can be alike. */
function textOf(principal: Principal): string {
    const bytes = principal.toUint8Array();
    return `${bytes.length}:${byteText(bytes)}`;
}
