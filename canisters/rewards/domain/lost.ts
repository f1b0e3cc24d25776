/**
 * Lost transfers: the ledger's window closed over an unknown outcome, so a balance has to tell. Each is judged by the one purse
 * of its two that only this canister pays into, together with all that is lost there; stakes by their own subaccount.
 */
import type { Principal } from '@dfinity/principal';
import type { Account } from '../../../src/core/account';
import { purseAccount, type RewardsPurse } from '../../../src/core/tokenomics/pools';
import { debitOf, explainBalance } from '../../../src/core/transfer_intents';
import { settleLost } from './attempts';
import { openAt, purseOf } from './purses';
import { bookedInHolderStake } from './holders';
import { bookedInHolding } from './stake_book';
import type { RewardsState, TransferRow } from './state';
import { endsOfTransfer, transferRow } from './transfers';

/** A question to the ledger whose answer decides some lost transfers. */
export interface LostQuestion {
    readonly account: Account;
    /** Undefined for the subaccount of a stake: it has one open transfer at a time. */
    readonly witness?: RewardsPurse;
    readonly ids: readonly bigint[];
    /** What the account holds if none of them happened. */
    readonly bookedE8s: bigint;
}

/** The question about a lost transfer; undefined while something else is open at its witness. */
export function lostQuestion(state: RewardsState, id: bigint, self: Principal): LostQuestion | undefined {
    const row = transferRow(state, id);
    const { transfer } = row.intent;
    const witness = witnessOf(row);
    if (witness === undefined) {
        const account = isIncoming(row) ? transfer.to : transfer.from;
        return { account, ids: [id], bookedE8s: bookedAtStake(state, row) };
    }
    const ids = state.lost.get().filter((other) => touches(transferRow(state, other), witness));
    if (ids.length !== openAt(state, witness)) return undefined;
    return { account: purseAccount(self, witness), witness, ids, bookedE8s: purseOf(state, witness).bookedE8s };
}

/** Ends or reopens what the balance decides. Ask the question again and compare before passing the answer. */
export function answerLost(state: RewardsState, question: LostQuestion, balanceE8s: bigint, nowNs: bigint): void {
    if (question.witness === 'settlement') return answerBurn(state, question, balanceE8s, nowNs);
    const rows = question.ids.map((id) => transferRow(state, id));
    const happened = explainBalance(
        rows.map((row) => effectAt(row, question.witness)),
        balanceE8s - question.bookedE8s
    );
    question.ids.forEach((id, i) => {
        if (happened !== undefined) settleLost(state, id, happened[i] === true, nowNs);
    });
}

/** Both are the same question about the same books. */
export function sameQuestion(a: LostQuestion, b: LostQuestion | undefined): boolean {
    return b !== undefined && a.bookedE8s === b.bookedE8s && a.ids.join() === b.ids.join();
}

/**
 * The hub pays into `settlement`, so its balance can only prove that a burn happened: when even with all that the hub says it
 * sent the purse is short and nothing else is open there. A burn that did not happen stays on hold, and later ones wait with it, which harms nobody.
 */
function answerBurn(state: RewardsState, question: LostQuestion, balanceE8s: bigint, nowNs: bigint): void {
    const missing = question.bookedE8s + state.awaitedE8s.get() - balanceE8s;
    const [burn, ...others] = question.ids;
    if (burn !== undefined && others.length === 0 && missing > 0n) settleLost(state, burn, true, nowNs);
}

function bookedAtStake(state: RewardsState, { purpose }: TransferRow): bigint {
    if ('node' in purpose) return bookedInHolding(state, purpose.node);
    return 'stake' in purpose ? bookedInHolderStake(state, purpose.stake) : 0n;
}

function witnessOf({ purpose }: TransferRow): RewardsPurse | undefined {
    switch (purpose.kind) {
        case 'claim_payment':
            return 'payable';
        case 'sync_move':
            return purpose.source === 'settlement' ? 'payable' : purpose.source;
        case 'treasury_sweep':
        case 'fee_top_up':
        case 'staking_feed':
            return 'treasury';
        case 'holder_rest':
            return 'staking';
        case 'proposal_payment':
            return purpose.purse;
        case 'airdrop_payment':
            return 'airdrop';
        case 'burn':
            return 'settlement';
        default:
            return undefined;
    }
}

/** Money for the subaccount of a stake, which is its own witness. */
function isIncoming({ purpose, intent }: TransferRow): boolean {
    return intent.transfer.kind === 'pull' || purpose.kind === 'holder_reward';
}

function touches({ purpose }: TransferRow, purse: RewardsPurse): boolean {
    const { from, to } = endsOfTransfer(purpose);
    return from === purse || to === purse;
}

function effectAt(row: TransferRow, witness: RewardsPurse | undefined): bigint {
    const { transfer } = row.intent;
    const incoming = witness === undefined ? isIncoming(row) : endsOfTransfer(row.purpose).to === witness;
    return incoming ? transfer.amountE8s : -debitOf(transfer);
}
