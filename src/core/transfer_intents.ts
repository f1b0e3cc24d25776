/**
 * Movements on the ledger, written down before they are asked for, so that no fault can lose or double one.
 *
 * An intent carries the whole identity of the ledger transaction (accounts, amount, fee, memo, `created_at_time`). As long
 * as the identity stays, the ledger executes it at most once (ICRC-1, "Transaction deduplication"): a repeated call is
 * answered `Duplicate` with the original block. The life of an intent:
 *
 *     open ──beginAttempt──▶ sent ──settleAttempt──▶ done | refused | open (again) | lost
 *
 * `doubt` says that an earlier attempt may have been executed without our seeing the answer. An intent in doubt keeps its
 * identity until the ledger answers it; when the ledger's window closes over it, it is `lost` and the ledger's log must tell
 * (src/core/lost_transfers.ts), never a resend.
 */
import { accountField, sameAccount, type Account } from './account';
import { concatBytes } from './bytes';
import { encodeUtf8 } from './candid/utf8';
import { blob, bool, nat, oneOf, optional, record, text, u64, u64Key, variant, type Field } from './codec';

const NS_PER_MINUTE = 60_000_000_000n;

/** The ledger remembers transactions for 24 h; a resend must reach it well inside. */
export const RESEND_WINDOW_NS = 24n * 60n * NS_PER_MINUTE - 10n * NS_PER_MINUTE;

/** An attempt without an answer for so long was interrupted (upgrade, trap in the callback): it may be asked again. */
export const INTERRUPTED_AFTER_NS = 10n * NS_PER_MINUTE;

/** Identity of one ledger transaction. `push` is `icrc1_transfer` of our own account, `pull` is `icrc2_transfer_from`. */
export interface LedgerTransfer {
    readonly kind: 'push' | 'pull';
    readonly from: Account;
    readonly to: Account;
    /** What arrives. */
    readonly amountE8s: bigint;
    /** What the payer pays on top; 0 for a burn. */
    readonly feeE8s: bigint;
    readonly memo: Uint8Array;
    readonly createdAtNs: bigint;
}

export type TransferState =
    | { readonly kind: 'open'; readonly doubt: boolean; readonly reason: string }
    | { readonly kind: 'sent'; readonly doubt: boolean; readonly sentAtNs: bigint }
    /** The block is unknown when a balance, not an answer, showed that it was executed. */
    | { readonly kind: 'done'; readonly blockIndex?: bigint }
    /** Certainly never executed, and never will be. */
    | { readonly kind: 'refused'; readonly refusal: LedgerRefusal }
    | { readonly kind: 'lost' };

export interface TransferIntent {
    readonly transfer: LedgerTransfer;
    readonly state: TransferState;
}

/** Errors of ICRC-1 `TransferError` and ICRC-2 `TransferFromError`, `Duplicate` excepted: that one is a success. */
export type LedgerRefusal =
    | { readonly kind: 'insufficient_funds'; readonly balanceE8s: bigint }
    | { readonly kind: 'insufficient_allowance'; readonly allowanceE8s: bigint }
    | { readonly kind: 'bad_fee'; readonly expectedE8s: bigint }
    | { readonly kind: 'bad_burn'; readonly minimumE8s: bigint }
    | { readonly kind: 'too_old' }
    | { readonly kind: 'created_in_future' }
    | { readonly kind: 'temporarily_unavailable' }
    | { readonly kind: 'generic'; readonly message: string };

/** What came back from one attempt. `not_executed` and `unknown` are the outcomes of src/azle/c2c.ts. */
export type LedgerAnswer =
    | { readonly kind: 'block'; readonly index: bigint }
    | { readonly kind: 'refused'; readonly refusal: LedgerRefusal }
    | { readonly kind: 'not_executed'; readonly message: string }
    | { readonly kind: 'unknown'; readonly message: string };

/** What leaves the payer's account: amount and fee. */
export function debitOf(transfer: LedgerTransfer): bigint {
    return transfer.amountE8s + transfer.feeE8s;
}

/** Memo of an object's transfer: a short ASCII tag and the object's number; at most 32 bytes (the ledger's limit). */
export function intentMemo(tag: string, id: bigint): Uint8Array {
    return concatBytes(encodeUtf8(tag), u64Key.encode(id));
}

export function openIntent(transfer: LedgerTransfer): TransferIntent {
    return { transfer, state: { kind: 'open', doubt: false, reason: '' } };
}

/** Nothing can happen to it any more. */
export function isFinal(intent: TransferIntent): boolean {
    return intent.state.kind === 'done' || intent.state.kind === 'refused';
}

/** A call is under way; false once it must have been interrupted. */
export function isUnderWay(intent: TransferIntent, nowNs: bigint): boolean {
    return intent.state.kind === 'sent' && nowNs - intent.state.sentAtNs < INTERRUPTED_AFTER_NS;
}

/**
 * Prepares an attempt. Store the returned intent; when `send` is true, call the ledger with exactly its transfer and pass
 * the answer to {@link settleAttempt}. An intent that is older than the window gets a new date if nothing can have happened
 * under the old one, and is lost if something can.
 */
export function beginAttempt(intent: TransferIntent, nowNs: bigint): { intent: TransferIntent; send: boolean } {
    const { transfer } = intent;
    const state = isUnderWay(intent, nowNs) ? intent.state : interrupted(intent).state;
    if (state.kind !== 'open') return { intent: { transfer, state }, send: false };
    const expired = nowNs - transfer.createdAtNs > RESEND_WINDOW_NS;
    if (expired && state.doubt) return { intent: { transfer, state: { kind: 'lost' } }, send: false };
    const dated = expired ? { ...transfer, createdAtNs: nowNs } : transfer;
    return {
        intent: { transfer: dated, state: { kind: 'sent', doubt: state.doubt, sentAtNs: nowNs } },
        send: true
    };
}

/** An intent whose call will never be answered, because the canister was upgraded meanwhile: in doubt from now on. */
export function interrupted(intent: TransferIntent): TransferIntent {
    if (intent.state.kind !== 'sent') return intent;
    return { transfer: intent.transfer, state: { kind: 'open', doubt: true, reason: 'interrupted' } };
}

/**
 * Takes the answer of an attempt into account. `sentAtNs` is when that attempt began (the state of what beginAttempt returned):
 * an answer to an attempt that another has followed meanwhile only counts when it brings a block.
 */
export function settleAttempt(
    intent: TransferIntent,
    answer: LedgerAnswer,
    nowNs: bigint,
    sentAtNs?: bigint
): TransferIntent {
    const { transfer, state } = intent;
    if (state.kind !== 'sent' || (sentAtNs ?? state.sentAtNs) !== state.sentAtNs) return settleLate(intent, answer);
    const open = (doubt: boolean, reason: string): TransferIntent => ({
        transfer,
        state: { kind: 'open', doubt, reason }
    });
    if (answer.kind === 'block') return { transfer, state: { kind: 'done', blockIndex: answer.index } };
    if (answer.kind === 'unknown') return open(true, answer.message);
    if (answer.kind === 'not_executed') return open(state.doubt, answer.message);
    const { refusal } = answer;
    if (refusal.kind === 'too_old') {
        return state.doubt ? { transfer, state: { kind: 'lost' } } : openIntent({ ...transfer, createdAtNs: nowNs });
    }
    if (isPassing(refusal) || (state.doubt && !isAfterDeduplication(refusal))) return open(state.doubt, refusal.kind);
    return { transfer, state: { kind: 'refused', refusal } };
}

/** An answer to a call that was taken for interrupted: a refusal of it says nothing about the attempt that followed. */
function settleLate(intent: TransferIntent, answer: LedgerAnswer): TransferIntent {
    if (intent.state.kind === 'done' || answer.kind !== 'block') return intent;
    return { transfer: intent.transfer, state: { kind: 'done', blockIndex: answer.index } };
}

function isPassing(refusal: LedgerRefusal): boolean {
    return refusal.kind === 'created_in_future' || refusal.kind === 'temporarily_unavailable';
}

/** The ledger looks for duplicates before it looks at balances, so these say that no earlier attempt was executed. */
function isAfterDeduplication(refusal: LedgerRefusal): boolean {
    return refusal.kind === 'insufficient_funds' || refusal.kind === 'insufficient_allowance';
}

/** Closes a lost intent by the block that the ledger has it in, or reopens it under a new date when it has none. */
export function resolveLost(intent: TransferIntent, blockIndex: bigint | undefined, nowNs: bigint): TransferIntent {
    const { transfer, state } = intent;
    if (state.kind !== 'lost') return intent;
    return blockIndex === undefined
        ? openIntent({ ...transfer, createdAtNs: nowNs })
        : { transfer, state: { kind: 'done', blockIndex } };
}

/** Both intents mean the same movement, whenever it was asked for. */
export function sameMovement(a: LedgerTransfer, b: LedgerTransfer): boolean {
    return (
        a.kind === b.kind &&
        a.amountE8s === b.amountE8s &&
        a.feeE8s === b.feeE8s &&
        sameAccount(a.from, b.from) &&
        sameAccount(a.to, b.to)
    );
}

const refusalField: Field<LedgerRefusal> = variant<LedgerRefusal>({
    insufficient_funds: record<{ balanceE8s: bigint }>({ balanceE8s: nat }),
    insufficient_allowance: record<{ allowanceE8s: bigint }>({ allowanceE8s: nat }),
    bad_fee: record<{ expectedE8s: bigint }>({ expectedE8s: nat }),
    bad_burn: record<{ minimumE8s: bigint }>({ minimumE8s: nat }),
    too_old: record({}),
    created_in_future: record({}),
    temporarily_unavailable: record({}),
    generic: record<{ message: string }>({ message: text })
});

/** Stored form of an intent. */
export const transferIntentField: Field<TransferIntent> = record<TransferIntent>({
    transfer: record<LedgerTransfer>({
        kind: oneOf(['push', 'pull']),
        from: accountField,
        to: accountField,
        amountE8s: nat,
        feeE8s: nat,
        memo: blob,
        createdAtNs: u64
    }),
    state: variant<TransferState>({
        open: record<{ doubt: boolean; reason: string }>({ doubt: bool, reason: text }),
        sent: record<{ doubt: boolean; sentAtNs: bigint }>({ doubt: bool, sentAtNs: u64 }),
        done: record<{ blockIndex?: bigint }>({ blockIndex: optional(u64) }),
        refused: record<{ refusal: LedgerRefusal }>({ refusal: refusalField }),
        lost: record({})
    })
});
