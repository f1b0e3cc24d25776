/** The two ways to show a consent message: as Markdown, and as fields that a wallet formats itself. */
import type { TokenRules } from './book_types';
import type { ConsentResult, FieldValue } from './consent_types';

/** One part of a message. `explanation` and notes are for readers of the Markdown only. */
export type Line =
    | { readonly kind: 'explanation'; readonly text: string }
    | { readonly kind: 'account'; readonly name: string; readonly account: string }
    | { readonly kind: 'amount'; readonly name: string; readonly amount: bigint; readonly note?: string }
    | { readonly kind: 'fee'; readonly name: string; readonly note: string }
    | { readonly kind: 'expiry'; readonly expiresAtNs: bigint | undefined };

type Message = Extract<ConsentResult, { readonly kind: 'Ok' }>['value']['consent_message'];
type Fields = Extract<Message, { readonly kind: 'FieldsDisplayMessage' }>;

const neverExpires = 'This approval does not have an expiration.';
const maxNat64 = 2n ** 64n - 1n;
const maxInt64 = 2n ** 63n - 1n;
const nsPerSecond = 1_000_000_000n;

/** Writes messages about amounts of one token, and times with one offset from UTC. */
export class ConsentText {
    constructor(
        readonly token: Pick<TokenRules, 'symbol' | 'decimals' | 'fee'>,
        readonly utcOffsetMinutes: number
    ) {}

    /** A heading and a paragraph for each line. */
    markdown(intent: string, lines: readonly Line[]): string {
        return [`# ${intent}`, ...lines.map((line) => this.#paragraph(line))].join('\n\n');
    }

    #paragraph(line: Line): string {
        switch (line.kind) {
            case 'explanation':
                return line.text;
            case 'account':
                return `**${line.name}:**\n\`${line.account}\``;
            case 'amount':
                return withNote(`**${line.name}:** \`${this.#amountText(line.amount)}\``, line.note);
            case 'fee':
                return withNote(`**${line.name}:** \`${this.#amountText(this.token.fee)}\``, line.note);
            case 'expiry':
                return `**Approval expiration:**\n${this.#timeText(line.expiresAtNs)}`;
        }
    }

    /** Undefined when an amount is too large for a field. */
    fields(intent: string, lines: readonly Line[]): Fields | undefined {
        const fields = lines.flatMap((line): readonly (readonly [string, FieldValue | undefined])[] => {
            switch (line.kind) {
                case 'explanation':
                    return [];
                case 'account':
                    return [[line.name, { kind: 'Text', value: { content: line.account } }]];
                case 'amount':
                    return [[line.name, this.#amountField(line.amount)]];
                case 'fee':
                    return [[line.name, this.#amountField(this.token.fee)]];
                case 'expiry':
                    return [['Approval expiration', expiryField(line.expiresAtNs)]];
            }
        });
        const complete = fields.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
        if (complete.length < fields.length) return undefined;
        return { kind: 'FieldsDisplayMessage', value: { intent, fields: complete } };
    }

    #amountField(amount: bigint): FieldValue | undefined {
        const { decimals, symbol } = this.token;
        return amount > maxNat64 ? undefined : { kind: 'TokenAmount', value: { decimals, amount, symbol } };
    }

    /** In whole tokens, without trailing zeros. */
    #amountText(amount: bigint): string {
        const { decimals, symbol } = this.token;
        const digits = amount.toString().padStart(decimals + 1, '0');
        const fraction = digits.slice(digits.length - decimals).replace(/0+$/, '');
        const whole = digits.slice(0, digits.length - decimals);
        return `${fraction === '' ? whole : `${whole}.${fraction}`} ${symbol}`;
    }

    /** RFC 2822, in the reader's time. */
    #timeText(timeNs: bigint | undefined): string {
        if (timeNs === undefined) return neverExpires;
        if (timeNs > maxInt64) return `Invalid timestamp: ${timeNs}`;
        const minutes = this.utcOffsetMinutes;
        const local = new Date(Number(timeNs / 1_000_000n) + minutes * 60_000);
        const [day, date, month, year, time] = local.toUTCString().split(/[\s]+/);
        const two = (number: number): string => number.toString().padStart(2, '0');
        const size = Math.abs(minutes);
        const offset = `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}${two(size % 60)}`;
        return `${day} ${date} ${month} ${year} ${time} ${offset}`;
    }
}

function withNote(text: string, note: string | undefined): string {
    return note === undefined ? text : `${text}\n${note}`;
}

function expiryField(expiresAtNs: bigint | undefined): FieldValue {
    return expiresAtNs === undefined
        ? { kind: 'Text', value: { content: neverExpires } }
        : { kind: 'TimestampSeconds', value: { amount: expiresAtNs / nsPerSecond } };
}
