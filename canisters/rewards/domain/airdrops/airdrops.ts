/** Airdrops out of their pool: decided by governance, claimed by the wallets themselves (domain.md A.1.14; AS-85, R10). */
import type { Principal } from '@dfinity/principal';
import { sameAccount, type Account } from '../../../../src/core/account';
import { invariant } from '../../../../src/core/assert';
import { LEDGER_FEE_E8S } from '../../../../src/core/amount';
import { verifyAirdrop, type AirdropEntry } from '../../../../src/core/governance/airdrop';
import { ok, type Result } from '../../../../src/core/result';
import { purseAccount } from '../../../../src/core/tokenomics/pools';
import { debitOf, type LedgerTransfer } from '../../../../src/core/transfer_intents';
import type { AirdropOrder, AirdropRow } from './airdrop_rows';
import { refuse, type AirdropClaimError, type RewardsError } from '../errors';
import { assertSolvent, changePurse, freeE8s } from '../treasury/purses';
import type { RewardsState } from '../state';
import { openTransfer } from '../transfers/transfers';

/** Entries of a list that a proposal can carry; longer lists go by their root. */
export const MAX_ENTRIES = 200;
/** SHA-256. */
const ROOT_BYTES = 32;
/** Airdrops that one run of the timer closes. */
const RUN_CLOSINGS = 20;

/** What is wrong with an order by itself; undefined when nothing is. */
export function airdropFault({ list, totalE8s, expiresNs }: AirdropOrder, nowNs: bigint): string | undefined {
    if (expiresNs <= nowNs) return 'expires_ns';
    if (totalE8s === 0n) return 'total_e8s';
    if (list.kind === 'root') return list.root.length === ROOT_BYTES && list.count > 0n ? undefined : 'root';
    const { entries } = list;
    const sum = entries.reduce((total, { amountE8s }) => total + amountE8s, 0n);
    const payable = entries.every(({ amountE8s }) => amountE8s > LEDGER_FEE_E8S);
    if (entries.length === 0 || entries.length > MAX_ENTRIES || !payable) return 'entries';
    return sum === totalE8s ? undefined : 'total_e8s';
}

/** Sets the total aside and opens the airdrop: its number. */
export function createAirdrop(
    state: RewardsState,
    order: AirdropOrder,
    proposal: bigint,
    nowNs: bigint
): Result<bigint, RewardsError<'PoolExhausted' | 'InvalidArgument'>> {
    const fault = airdropFault(order, nowNs);
    if (fault !== undefined) return refuse('InvalidArgument', fault);
    const free = freeE8s(state, 'airdrop');
    if (free < order.totalE8s) return refuse('PoolExhausted', { free_e8s: free });
    changePurse(state, 'airdrop', { owedE8s: order.totalE8s });
    const { class: airdropClass, totalE8s, expiresNs, list } = order;
    const id = state.airdrops.append({
        class: airdropClass,
        totalE8s,
        claimedE8s: 0n,
        claims: 0n,
        root: list.kind === 'root' ? list.root : undefined,
        count: list.kind === 'root' ? list.count : BigInt(list.entries.length),
        createdNs: nowNs,
        expiresNs,
        proposal,
        closed: false
    });
    if (list.kind === 'entries') {
        list.entries.forEach((entry, i) => state.airdropEntries.set({ airdrop: id, index: BigInt(i) }, entry));
    }
    state.airdropsDue.set({ atNs: expiresNs, id }, null);
    return ok(id);
}

/** What a wallet asks for: its place, its amount in e8s, and the Merkle path where the list is a root. */
export interface AirdropClaim {
    readonly airdrop: bigint;
    readonly index: bigint;
    readonly account: Account;
    readonly amountE8s: bigint;
    readonly proof: readonly Uint8Array[];
}

/** Checks a claim, marks its place and opens its payment: the transfer's number. Claiming again only tells that it was done. */
export function prepareAirdropClaim(
    state: RewardsState,
    claim: AirdropClaim,
    self: Principal,
    nowNs: bigint
): Result<bigint, AirdropClaimError> {
    const { airdrop: id, index, account, amountE8s } = claim;
    if (account.owner.isAnonymous()) return refuse('Anonymous', null);
    const row = state.airdrops.get(id);
    if (row === undefined) return refuse('NotFound', null);
    if (state.airdropClaims.has({ airdrop: id, index })) return refuse('AlreadyClaimed', null);
    if (row.closed || nowNs >= row.expiresNs) return refuse('Expired', null);
    if (!isListed(state, row, claim)) return refuse('InvalidProof', null);
    if (row.claimedE8s + amountE8s > row.totalE8s || amountE8s <= LEDGER_FEE_E8S) return refuse('Exhausted', null);
    const transferId = openTransfer(
        state,
        { kind: 'airdrop_payment', airdrop: id, index },
        {
            kind: 'push',
            from: purseAccount(self, 'airdrop'),
            to: account,
            amountE8s: amountE8s - LEDGER_FEE_E8S,
            feeE8s: LEDGER_FEE_E8S
        },
        nowNs
    );
    state.airdropClaims.set({ airdrop: id, index }, transferId);
    state.airdrops.replace(id, { ...row, claimedE8s: row.claimedE8s + amountE8s, claims: row.claims + 1n });
    state.airdropUnpaidE8s.set(state.airdropUnpaidE8s.get() + amountE8s);
    return ok(transferId);
}

function isListed(state: RewardsState, row: AirdropRow, claim: AirdropClaim): boolean {
    const entry: AirdropEntry = { account: claim.account, amountE8s: claim.amountE8s };
    if (row.root !== undefined) return verifyAirdrop(row.root, row.count, claim.index, entry, claim.proof);
    const listed = state.airdropEntries.get({ airdrop: claim.airdrop, index: claim.index });
    return listed?.amountE8s === entry.amountE8s && sameAccount(listed.account, entry.account);
}

/** The ledger has executed a claim's payment. */
export function airdropPaid(state: RewardsState, transfer: LedgerTransfer): void {
    const debit = debitOf(transfer);
    changePurse(state, 'airdrop', { bookedE8s: -debit, owedE8s: -debit });
    state.airdropUnpaidE8s.set(state.airdropUnpaidE8s.get() - debit);
    assertSolvent(state, 'airdrop');
}

/** Gives back to the pool what nobody has claimed in time. */
export function closeAirdrops(state: RewardsState, nowNs: bigint): void {
    for (let run = 0; run < RUN_CLOSINGS; run++) {
        const key = state.airdropsDue.firstKey();
        if (key === undefined || key.atNs > nowNs) return;
        state.airdropsDue.delete(key);
        const row = state.airdrops.get(key.id);
        invariant(row !== undefined && !row.closed, 'R10', `airdrop ${key.id} would be closed twice`);
        changePurse(state, 'airdrop', { owedE8s: row.claimedE8s - row.totalE8s });
        state.airdrops.replace(key.id, { ...row, closed: true });
    }
}
