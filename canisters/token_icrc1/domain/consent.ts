/** ICRC-21 consent messages: what a wallet shows before it signs. The wording is the official ledger's. */
import { accountToText, type Account } from '../../../src/core/account';
import { formatAmount } from '../../../src/core/amount';
import { toHex } from '../../../src/core/bytes';
import { NS_PER_S } from '../../../src/core/clock';
import type { TokenSettings } from './token';

/** A value on a device's display. */
export type DisplayValue =
    | { readonly kind: 'amount'; readonly amount: bigint; readonly decimals: number; readonly symbol: string }
    | { readonly kind: 'time'; readonly seconds: bigint }
    | { readonly kind: 'text'; readonly text: string };

/** One line of a message: the same facts become fields of a small display, or paragraphs of a text. */
interface Line {
    readonly label: string;
    readonly value: DisplayValue;
    /** Shown under the value, in texts only. */
    readonly remark?: string;
    /** In texts, names and dates stand below their label, amounts beside it. */
    readonly below?: boolean;
}

/** A message before it is laid out. */
export interface ConsentMessage {
    readonly intent: string;
    readonly introduction: string;
    readonly lines: readonly Line[];
}

/** A transfer as the caller signs it; `spender` only where tokens of another account are moved. */
export interface TransferConsent {
    readonly from: Account;
    readonly to: Account;
    readonly spender?: Account;
    readonly amount: bigint;
    readonly fee: bigint;
    readonly memo?: Uint8Array;
}

/** An approval as the caller signs it. */
export interface ApproveConsent {
    readonly from: Account;
    readonly spender: Account;
    readonly amount: bigint;
    readonly fee: bigint;
    readonly expectedAllowance?: bigint;
    readonly expiresAtNs?: bigint;
    readonly memo?: Uint8Array;
}

type Token = Pick<TokenSettings, 'name' | 'symbol' | 'decimals'>;

/** `icrc1_transfer`: the sender is the signer. */
export function transferMessage(transfer: TransferConsent, token: Token): ConsentMessage {
    return {
        intent: `Send ${token.name}`,
        introduction: 'You are approving a transfer of funds from your account.',
        lines: [
            ...signer('From', transfer.from),
            amountLine('Amount', transfer.amount, token),
            accountLine('To', transfer.to),
            { ...amountLine('Fees', transfer.fee, token), remark: 'Charged for processing the transfer.' },
            ...memoLines(transfer.memo)
        ]
    };
}

/** `icrc2_transfer_from`: the spender is the signer. */
export function transferFromMessage(transfer: TransferConsent & { spender: Account }, token: Token): ConsentMessage {
    return {
        intent: `Spend ${token.name}`,
        introduction: 'You are approving a transfer of funds from a withdrawal account.',
        lines: [
            accountLine('From', transfer.from),
            amountLine('Amount', transfer.amount, token),
            ...signer('Spender', transfer.spender),
            accountLine('To', transfer.to),
            { ...amountLine('Fees', transfer.fee, token), remark: 'Charged for processing the transfer.' },
            ...memoLines(transfer.memo)
        ]
    };
}

/** `icrc2_approve`. An approval of nothing is called what it is: the end of an approval. */
export function approveMessage(approval: ApproveConsent, token: Token): ConsentMessage {
    const { from, spender, amount, fee } = approval;
    const isRevocation = amount === 0n;
    const charged = 'Charged for processing the approval.';
    return {
        intent: isRevocation ? 'Revoke spending' : 'Approve spending',
        introduction: isRevocation
            ? 'You are withdrawing the authorization of another address to withdraw funds from your account.'
            : 'You are authorizing another address to withdraw funds from your account.',
        lines: [
            ...signer('From', from),
            accountLine(isRevocation ? 'Revoke from spender' : 'Approve to spender', spender),
            ...(isRevocation ? [] : [requested(amount, token)]),
            ...existing(approval.expectedAllowance, token),
            ...(isRevocation ? [] : [expiration(approval.expiresAtNs)]),
            { ...amountLine('Approval fees', fee, token), remark: charged },
            ...signer('Fees paid by', from),
            ...memoLines(approval.memo)
        ]
    };
}

function requested(amount: bigint, token: Token): Line {
    const remark = 'This is the withdrawal limit that will apply upon approval.';
    return { ...amountLine('Requested allowance', amount, token), remark };
}

function existing(allowance: bigint | undefined, token: Token): readonly Line[] {
    if (allowance === undefined) return [];
    const remark = 'Until approval, this allowance remains in effect.';
    return [{ ...amountLine('Existing allowance', allowance, token), remark }];
}

function expiration(expiresAtNs: bigint | undefined): Line {
    const never = 'This approval does not have an expiration.';
    const value: DisplayValue =
        expiresAtNs === undefined ? { kind: 'text', text: never } : { kind: 'time', seconds: expiresAtNs / NS_PER_S };
    return { label: 'Approval expiration', value, below: true };
}

/** ICRC-21: whoever asks anonymously is shown no account of the signer. */
function signer(label: string, account: Account): readonly Line[] {
    return account.owner.isAnonymous() ? [] : [accountLine(label, account)];
}

function accountLine(label: string, account: Account): Line {
    return { label, value: { kind: 'text', text: accountToText(account) }, below: true };
}

const NAT64_END = 1n << 64n;

/** A display's amount has 64 bits: larger ones are written out. */
function amountLine(label: string, amount: bigint, { decimals, symbol }: Token): Line {
    if (amount < NAT64_END) return { label, value: { kind: 'amount', amount, decimals, symbol } };
    return { label, value: { kind: 'text', text: `${formatAmount(amount, decimals)} ${symbol}` } };
}

function memoLines(memo: Uint8Array | undefined): readonly Line[] {
    return memo === undefined ? [] : [{ label: 'Memo', value: { kind: 'text', text: readable(memo) }, below: true }];
}

/** A memo's text, or its hexadecimal digits when it is none. */
function readable(memo: Uint8Array): string {
    try {
        return new TextDecoder('utf-8', { fatal: true }).decode(memo);
    } catch {
        return toHex(memo);
    }
}

/** Markdown for displays of any size; times are shown with the given offset from UTC. */
export function messageText(message: ConsentMessage, utcOffsetMinutes: number): string {
    const paragraphs = message.lines.map(({ label, value, below, remark }) => {
        const shown = valueText(value, utcOffsetMinutes);
        const isSentence = label === 'Approval expiration';
        const text = `**${label}:**${below ? '\n' : ' '}${isSentence ? shown : `\`${shown}\``}`;
        return remark === undefined ? text : `${text}\n${remark}`;
    });
    return [`# ${message.intent}`, message.introduction, ...paragraphs].join('\n\n');
}

function valueText(value: DisplayValue, utcOffsetMinutes: number): string {
    switch (value.kind) {
        case 'amount':
            return `${formatAmount(value.amount, value.decimals)} ${value.symbol}`;
        case 'time':
            return dateText(value.seconds, utcOffsetMinutes);
        case 'text':
            return value.text;
    }
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** RFC 2822, such as `Thu, 06 May 2021 20:17:10 +0100`. */
function dateText(seconds: bigint, utcOffsetMinutes: number): string {
    const local = new Date(Number(seconds) * 1_000 + utcOffsetMinutes * 60_000);
    const two = (value: number): string => String(value).padStart(2, '0');
    const day = `${DAYS[local.getUTCDay()]}, ${two(local.getUTCDate())} ${MONTHS[local.getUTCMonth()]}`;
    const time = [local.getUTCHours(), local.getUTCMinutes(), local.getUTCSeconds()].map(two).join(':');
    const minutes = Math.abs(utcOffsetMinutes);
    const offset = `${utcOffsetMinutes < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}${two(minutes % 60)}`;
    return `${day} ${local.getUTCFullYear()} ${time} ${offset}`;
}
