import { Principal } from '@dfinity/principal';
import { codecOf } from '../../../src/core/codec';
import {
    beginAttempt,
    INTERRUPTED_AFTER_NS,
    interrupted,
    intentMemo,
    isFinal,
    isUnderWay,
    openIntent,
    RESEND_WINDOW_NS,
    resolveLost,
    settleAttempt,
    transferIntentField,
    type LedgerAnswer,
    type LedgerTransfer,
    type TransferIntent
} from '../../../src/core/transfer_intents';

const START = 1_000_000_000_000_000n;
const transfer: LedgerTransfer = {
    kind: 'push',
    from: { owner: Principal.fromUint8Array(Uint8Array.of(1)), subaccount: new Uint8Array(32).fill(7) },
    to: { owner: Principal.fromUint8Array(Uint8Array.of(2)) },
    amountE8s: 500n,
    feeE8s: 10n,
    memo: intentMemo('t', 3n),
    createdAtNs: START
};
const refused = (kind: 'too_old' | 'created_in_future' | 'temporarily_unavailable'): LedgerAnswer => ({
    kind: 'refused',
    refusal: { kind }
});
const poor: LedgerAnswer = { kind: 'refused', refusal: { kind: 'insufficient_funds', balanceE8s: 1n } };
const badFee: LedgerAnswer = { kind: 'refused', refusal: { kind: 'bad_fee', expectedE8s: 20n } };
const unknown: LedgerAnswer = { kind: 'unknown', message: 'stopped' };
const block: LedgerAnswer = { kind: 'block', index: 9n };

function attempt(intent: TransferIntent, answer: LedgerAnswer, nowNs = START): TransferIntent {
    const begun = beginAttempt(intent, nowNs);
    expect(begun.send).toBe(true);
    return settleAttempt(begun.intent, answer, nowNs);
}

test('transfer intents: a block ends the intent and nothing is sent again', () => {
    const done = attempt(openIntent(transfer), block);
    expect(done.state).toEqual({ kind: 'done', blockIndex: 9n });
    expect(isFinal(done)).toBe(true);
    expect(beginAttempt(done, START).send).toBe(false);
});

test('transfer intents: while a call is under way no second one starts, until it must have been interrupted', () => {
    const { intent } = beginAttempt(openIntent(transfer), START);
    expect(isUnderWay(intent, START + 1n)).toBe(true);
    expect(beginAttempt(intent, START + INTERRUPTED_AFTER_NS - 1n).send).toBe(false);
    const again = beginAttempt(intent, START + INTERRUPTED_AFTER_NS);
    expect(again.send).toBe(true);
    expect(again.intent.transfer).toEqual(transfer);
    expect(again.intent.state).toMatchObject({ kind: 'sent', doubt: true });
});

test('transfer intents: an unknown outcome keeps the identity, and the later block ends it', () => {
    const doubtful = attempt(openIntent(transfer), unknown);
    expect(doubtful.state).toMatchObject({ kind: 'open', doubt: true });
    const done = attempt(doubtful, block, START + RESEND_WINDOW_NS);
    expect(done).toEqual({ transfer, state: { kind: 'done', blockIndex: 9n } });
});

test('transfer intents: doubt survives refusals that the ledger gives before it looks for duplicates', () => {
    let intent = attempt(openIntent(transfer), unknown);
    for (const answer of [badFee, refused('created_in_future'), refused('temporarily_unavailable')]) {
        intent = attempt(intent, answer);
        expect(intent.state).toMatchObject({ kind: 'open', doubt: true });
    }
    intent = attempt(intent, { kind: 'not_executed', message: 'queue full' });
    expect(intent.state).toMatchObject({ kind: 'open', doubt: true });
    expect(attempt(intent, poor).state).toMatchObject({ kind: 'refused' });
});

test('transfer intents: without doubt a refusal is final, and a passing one is not', () => {
    expect(attempt(openIntent(transfer), badFee).state).toMatchObject({ kind: 'refused' });
    expect(attempt(openIntent(transfer), refused('temporarily_unavailable')).state).toMatchObject({
        kind: 'open',
        doubt: false
    });
});

test('transfer intents: past the window an intent without doubt gets a new date', () => {
    const late = START + RESEND_WINDOW_NS + 1n;
    expect(beginAttempt(openIntent(transfer), late).intent.transfer.createdAtNs).toBe(late);
    const answered = attempt(openIntent(transfer), refused('too_old'), START + 5n);
    expect(answered).toMatchObject({ transfer: { createdAtNs: START + 5n }, state: { kind: 'open', doubt: false } });
});

test('transfer intents: past the window an intent in doubt is lost, and never sent by itself', () => {
    const doubtful = attempt(openIntent(transfer), unknown);
    const late = START + RESEND_WINDOW_NS + 1n;
    const lost = beginAttempt(doubtful, late);
    expect(lost).toMatchObject({ send: false, intent: { state: { kind: 'lost' } } });
    expect(beginAttempt(lost.intent, late).send).toBe(false);
    expect(attempt(doubtful, refused('too_old')).state.kind).toBe('lost');
    expect(resolveLost(lost.intent, 9n, late).state).toEqual({ kind: 'done', blockIndex: 9n });
    expect(resolveLost(lost.intent, undefined, late)).toMatchObject({
        transfer: { createdAtNs: late },
        state: { kind: 'open', doubt: false }
    });
});

test('transfer intents: an interrupted call is in doubt, and its late block is still believed', () => {
    const { intent } = beginAttempt(openIntent(transfer), START);
    const open = interrupted(intent);
    expect(open.state).toMatchObject({ kind: 'open', doubt: true });
    expect(settleAttempt(open, unknown, START)).toEqual(open);
    expect(settleAttempt(open, block, START).state).toEqual({ kind: 'done', blockIndex: 9n });
});

test('transfer intents: a late refusal of an earlier attempt does not end the later one', () => {
    const first = beginAttempt(openIntent(transfer), START);
    const second = beginAttempt(first.intent, START + INTERRUPTED_AFTER_NS);
    expect(second.send).toBe(true);
    expect(settleAttempt(second.intent, poor, START, START)).toEqual(second.intent);
    expect(settleAttempt(second.intent, block, START, START).state).toEqual({ kind: 'done', blockIndex: 9n });
    expect(settleAttempt(second.intent, poor, START, START + INTERRUPTED_AFTER_NS).state.kind).toBe('refused');
});

test('transfer intents: every state is stored and read back as it was', () => {
    const codec = codecOf(transferIntentField);
    const states = [
        openIntent(transfer),
        beginAttempt(openIntent(transfer), START).intent,
        attempt(openIntent(transfer), block),
        attempt(openIntent(transfer), poor),
        attempt(openIntent(transfer), badFee),
        attempt(attempt(openIntent(transfer), unknown), refused('too_old')),
        resolveLost(attempt(attempt(openIntent(transfer), unknown), refused('too_old')), 9n, START)
    ];
    for (const intent of states) expect(codec.decode(codec.encode(intent))).toEqual(intent);
});
