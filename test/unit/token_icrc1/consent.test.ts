/** ICRC-21: the official ledger's texts (ledger.md §3.5), and where ours are better. */
import { Principal } from '@dfinity/principal';
import type { Account } from '../../../src/core/account';
import { messageText } from '../../../canisters/token_icrc1/domain/consent';
import { consentMessage, type ConsentRequest } from '../../../canisters/token_icrc1/domain/consent_request';
import { MINTER, subaccount, TestLedger } from './fixture';

const ledger = new TestLedger({ name: 'Test Token', symbol: 'XTK' });
const FROM: Account = { owner: Principal.fromUint8Array(Uint8Array.of(2, 2, 2)), subaccount: subaccount(1) };
const TO: Account = { owner: Principal.fromUint8Array(Uint8Array.of(1, 1, 1)), subaccount: subaccount(2) };
const [FROM_TEXT, TO_TEXT] = ['ed6q5-uqcai-ba-dzj436q.1', 'scp3f-4qbae-aq-himoafq.2'];
const ANONYMOUS: Account = { owner: Principal.anonymous() };

const messageOf = (request: ConsentRequest) => {
    const message = consentMessage(request, ledger.storage.books.token);
    if (!message.ok) throw new Error(JSON.stringify(message.error, (_, v) => (typeof v === 'bigint' ? `${v}` : v)));
    return message.value;
};
const text = (request: ConsentRequest, offset = 0) => messageText(messageOf(request), offset);
const order = { from: FROM, to: TO, amount: 1_000_000n };
const transfer = (options: object = {}): ConsentRequest => ({
    method: 'icrc1_transfer',
    order: { ...order, ...options }
});
const approval = { from: FROM, spender: TO, amount: 1_000_000n };
const approve = (options: object = {}): ConsentRequest => ({
    method: 'icrc2_approve',
    order: { ...approval, ...options }
});
const spend = (options: object = {}): ConsentRequest => ({
    method: 'icrc2_transfer_from',
    order: { ...order, spender: { owner: TO.owner }, ...options }
});

test('icrc1_transfer, with every part', () => {
    expect(text(transfer({ memo: new TextEncoder().encode('test_bytes'), fee: 10_000n }))).toBe(
        `# Send Test Token

You are approving a transfer of funds from your account.

**From:**
\`${FROM_TEXT}\`

**Amount:** \`0.01 XTK\`

**To:**
\`${TO_TEXT}\`

**Fees:** \`0.0001 XTK\`
Charged for processing the transfer.

**Memo:**
\`test_bytes\``
    );
});

test('icrc2_approve, with every part, in the time zone of the user', () => {
    const expiresAtNs = 1_620_328_630_000_000_001n;
    const named = { expectedAllowance: 1_000_000n, expiresAtNs, memo: Uint8Array.of(0xff, 1) };
    expect(text(approve(named), 60)).toBe(
        `# Approve spending

You are authorizing another address to withdraw funds from your account.

**From:**
\`${FROM_TEXT}\`

**Approve to spender:**
\`${TO_TEXT}\`

**Requested allowance:** \`0.01 XTK\`
This is the withdrawal limit that will apply upon approval.

**Existing allowance:** \`0.01 XTK\`
Until approval, this allowance remains in effect.

**Approval expiration:**
Thu, 06 May 2021 20:17:10 +0100

**Approval fees:** \`0.0001 XTK\`
Charged for processing the approval.

**Fees paid by:**
\`${FROM_TEXT}\`

**Memo:**
\`ff01\``
    );
    expect(text(approve({ expiresAtNs }), -90)).toContain('\nThu, 06 May 2021 17:47:10 -0130\n');
    expect(text(approve())).toContain('**Approval expiration:**\nThis approval does not have an expiration.\n');
});

test('icrc2_transfer_from, with every part', () => {
    expect(text(spend({ memo: new Uint8Array(0) }))).toBe(
        `# Spend Test Token

You are approving a transfer of funds from a withdrawal account.

**From:**
\`${FROM_TEXT}\`

**Amount:** \`0.01 XTK\`

**Spender:**
\`scp3f-4qbae-aq\`

**To:**
\`${TO_TEXT}\`

**Fees:** \`0.0001 XTK\`
Charged for processing the transfer.

**Memo:**
\`\``
    );
});

test('an anonymous signer is shown no account of his own', () => {
    expect(text(transfer({ from: ANONYMOUS }))).not.toContain('**From:**');
    expect(text(spend({ spender: ANONYMOUS }))).not.toContain('**Spender:**');
    const anonymous = text(approve({ from: ANONYMOUS }));
    expect(anonymous).not.toContain('**From:**');
    expect(anonymous).not.toContain('**Fees paid by:**');
});

test('fields: the same facts in the same order, with typed values', () => {
    const { intent, lines } = messageOf(approve({ expiresAtNs: 5_999_999_999n, expectedAllowance: 7n }));
    expect(intent).toBe('Approve spending');
    const amount = (units: bigint) => ({ kind: 'amount', amount: units, decimals: 8, symbol: 'XTK' });
    expect(lines.map(({ label, value }) => [label, value])).toEqual([
        ['From', { kind: 'text', text: FROM_TEXT }],
        ['Approve to spender', { kind: 'text', text: TO_TEXT }],
        ['Requested allowance', amount(1_000_000n)],
        ['Existing allowance', amount(7n)],
        ['Approval expiration', { kind: 'time', seconds: 5n }],
        ['Approval fees', amount(10_000n)],
        ['Fees paid by', { kind: 'text', text: FROM_TEXT }]
    ]);
    const labels = (request: ConsentRequest) => messageOf(request).lines.map(({ label }) => label);
    expect(labels(transfer())).toEqual(['From', 'Amount', 'To', 'Fees']);
    expect(labels(spend({ memo: new Uint8Array(1) }))).toEqual(['From', 'Amount', 'Spender', 'To', 'Fees', 'Memo']);
});

test('amounts of any size are exact; those beyond 64 bits are text on a display', () => {
    expect(text(transfer({ amount: 2n ** 64n }))).toContain('**Amount:** `184467440737.09551616 XTK`');
    expect(messageOf(transfer({ amount: 2n ** 64n })).lines[1]?.value).toEqual({
        kind: 'text',
        text: '184467440737.09551616 XTK'
    });
    expect(messageOf(transfer({ amount: 2n ** 64n - 1n })).lines[1]?.value).toMatchObject({ kind: 'amount' });
});

test('burning and minting are shown as free, and accepted with the fee that the ledger accepts', () => {
    const burn = transfer({ to: MINTER, fee: 0n });
    expect(text(burn)).toContain('**Fees:** `0 XTK`');
    expect(text(transfer({ from: MINTER }))).toContain('**Fees:** `0 XTK`');
    expect(consentMessage(transfer({ to: MINTER, fee: 10_000n }), ledger.storage.books.token)).toEqual({
        ok: false,
        error: { kind: 'other_fee', named: 10_000n, due: 0n }
    });
});

test('an approval of nothing is called a revocation', () => {
    const { intent, lines } = messageOf(approve({ amount: 0n, expiresAtNs: 5n }));
    expect(intent).toBe('Revoke spending');
    expect(lines.map(({ label }) => label)).toEqual(['From', 'Revoke from spender', 'Approval fees', 'Fees paid by']);
});

test('a fee that the ledger would refuse gets no message', () => {
    for (const request of [transfer({ fee: 1n }), approve({ fee: 1n }), spend({ fee: 1n })]) {
        expect(consentMessage(request, ledger.storage.books.token)).toMatchObject({
            error: { named: 1n, due: 10_000n }
        });
    }
});
