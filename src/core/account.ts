import { Principal } from '@dfinity/principal';
import { compareBytes, equalBytes, fromHex, toHex } from './bytes';
import { codecOf, fixedBytes, optional, principal, record, ValueOutOfRange, type Codec, type Field } from './codec';
import { err, ok, type Result } from './result';

/** An ICRC-1 account. An absent subaccount and 32 zero bytes name the same account. */
export interface Account {
    readonly owner: Principal;
    /** Exactly 32 bytes. */
    readonly subaccount?: Uint8Array;
}

export const SUBACCOUNT_BYTES = 32;
export const DEFAULT_SUBACCOUNT = new Uint8Array(SUBACCOUNT_BYTES);

/** Stores an account as it was spelled: an explicit default subaccount stays explicit. */
export const accountField: Field<Account> = record<Account>({
    owner: principal,
    subaccount: optional(fixedBytes(SUBACCOUNT_BYTES))
});

/** Key of an account: equal for both spellings of the default subaccount. Owner first, length-prefixed, then 32 bytes. */
export const accountKey: Codec<Account> = {
    encode(account) {
        const { owner, subaccount } = account;
        const bytes = owner.toUint8Array();
        const key = new Uint8Array(1 + bytes.length + SUBACCOUNT_BYTES);
        key[0] = bytes.length;
        key.set(bytes, 1);
        if (subaccount !== undefined) key.set(checkedSubaccount(subaccount), 1 + bytes.length);
        return key;
    },
    decode: (bytes) => accountKeyForm.decode(bytes)
};

const accountKeyForm = codecOf(
    record<Required<Account>>({ owner: principal, subaccount: fixedBytes(SUBACCOUNT_BYTES) })
);

function checkedSubaccount(subaccount: Uint8Array): Uint8Array {
    if (subaccount.length !== SUBACCOUNT_BYTES) throw new ValueOutOfRange('32 bytes', subaccount.length);
    return subaccount;
}

export function effectiveSubaccount(account: Account): Uint8Array {
    return account.subaccount ?? DEFAULT_SUBACCOUNT;
}

export function sameAccount(a: Account, b: Account): boolean {
    return (
        equalBytes(a.owner.toUint8Array(), b.owner.toUint8Array()) &&
        equalBytes(effectiveSubaccount(a), effectiveSubaccount(b))
    );
}

/** Candid's `record { owner : principal; subaccount : opt blob }` as @dfinity/candid represents it. */
export interface CandidAccount {
    owner: Principal;
    subaccount: [] | [Uint8Array | number[]];
}

/** Reads an account from Candid; refuses a subaccount that is not 32 bytes long. */
export function fromCandidAccount(account: CandidAccount): Result<Account, 'subaccount-length'> {
    const [subaccount] = account.subaccount;
    if (subaccount === undefined) return ok({ owner: account.owner });
    if (subaccount.length !== SUBACCOUNT_BYTES) return err('subaccount-length');
    return ok({ owner: account.owner, subaccount: Uint8Array.from(subaccount) });
}

export function toCandidAccount(account: Account): { owner: Principal; subaccount: [] | [Uint8Array] } {
    return { owner: account.owner, subaccount: account.subaccount === undefined ? [] : [account.subaccount] };
}

/** ICRC-1 textual encoding of an account. */
export function accountToText(account: Account): string {
    const subaccount = effectiveSubaccount(account);
    if (equalBytes(subaccount, DEFAULT_SUBACCOUNT)) return account.owner.toText();
    const compact = toHex(subaccount).replace(/^0+/, '');
    return `${account.owner.toText()}-${checksum(account.owner, subaccount)}.${compact}`;
}

/** Reads the ICRC-1 textual encoding; undefined when it is malformed or not canonical. */
export function accountFromText(text: string): Account | undefined {
    const [head = '', compact, ...more] = text.split('.');
    if (more.length > 0) return undefined;
    if (compact === undefined) return ownerOnly(head);
    const dash = head.lastIndexOf('-');
    const owner = principalFromText(head.slice(0, dash));
    const subaccount = /^[1-9a-f][0-9a-f]{0,63}$/.test(compact) ? fromHex(compact.padStart(64, '0')) : undefined;
    if (dash < 0 || owner === undefined || subaccount === undefined) return undefined;
    return checksum(owner, subaccount) === head.slice(dash + 1) ? { owner, subaccount } : undefined;
}

function ownerOnly(text: string): Account | undefined {
    const owner = principalFromText(text);
    return owner === undefined ? undefined : { owner };
}

/** Reads a principal's text; undefined when it is malformed. */
export function principalFromText(text: string): Principal | undefined {
    try {
        return Principal.fromText(text);
    } catch {
        return undefined;
    }
}

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

/** CRC-32 over owner and subaccount, in lower-case base 32: 7 characters. */
function checksum(owner: Principal, subaccount: Uint8Array): string {
    const crc = crc32(owner.toUint8Array(), subaccount);
    let text = '';
    for (let shift = 27; shift >= 2; shift -= 5) text += BASE32.charAt((crc >>> shift) & 31);
    return text + BASE32.charAt((crc << 3) & 31);
}

function crc32(...parts: readonly Uint8Array[]): number {
    let crc = 0xffffffff;
    for (const part of parts) {
        for (const byte of part) {
            crc ^= byte;
            for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
        }
    }
    return ~crc >>> 0;
}

/** Principal order of the reference implementation: shorter first, then bytewise. */
export function comparePrincipals(a: Principal, b: Principal): number {
    const left = a.toUint8Array();
    const right = b.toUint8Array();
    return left.length - right.length || compareBytes(left, right);
}
