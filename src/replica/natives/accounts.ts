/** Ledger accounts in both spellings: owner with subaccount (ICRC-1), and the ICP ledger's account identifier. */
import { createHash } from 'node:crypto';
import { blob, opt, principal, record, type Decoded } from '../candid/codecs';
import { idText } from '../state/principals';
import { concatBytes } from '../wire/bytes';

/** ICRC-1 account. */
export const account = record({ owner: principal, subaccount: opt(blob) });
/** ICRC-1: a principal and 32 bytes, or the default subaccount. */
export type Account = Decoded<typeof account>;

const subaccountBytes = 32;
const identifierDomain = Buffer.from('\x0Aaccount-id');
const checksumBytes = 4;

/** The default account of a principal. */
export function defaultAccount(owner: Uint8Array): Account {
    return { owner, subaccount: undefined };
}

/** Whether the subaccount has its 32 bytes, or is absent. */
export function isWellFormed({ subaccount }: Account): boolean {
    return subaccount === undefined || subaccount.length === subaccountBytes;
}

/** The default subaccount is all zeros, spelled out or not. */
export function hasDefaultSubaccount({ subaccount }: Account): boolean {
    return subaccount === undefined || subaccount.every((byte) => byte === 0);
}

/** 32 bytes: CRC-32 of a SHA-224 over owner and subaccount, then the SHA-224 (ICP ledger, "Accounts"). */
export function accountIdentifier({ owner, subaccount }: Account): Uint8Array {
    const hash = createHash('sha224')
        .update(identifierDomain)
        .update(owner)
        .update(subaccount ?? new Uint8Array(subaccountBytes))
        .digest();
    const identifier = new Uint8Array(subaccountBytes);
    new DataView(identifier.buffer).setUint32(0, crc32(hash));
    identifier.set(hash, checksumBytes);
    return identifier;
}

/** Whether the bytes are an account identifier with the right checksum. */
export function isAccountIdentifier(bytes: Uint8Array): boolean {
    if (bytes.length !== subaccountBytes) return false;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return view.getUint32(0) === crc32(bytes.subarray(checksumBytes));
}

/** Subaccount that stands for a principal: its length, its bytes, zeros. */
export function principalSubaccount(owner: Uint8Array): Uint8Array {
    const subaccount = new Uint8Array(subaccountBytes);
    subaccount[0] = owner.length;
    subaccount.set(owner, 1);
    return subaccount;
}

/** ICRC-1, "Textual representation of accounts": the owner, and for other subaccounts than the default a checksum and the subaccount in hex. */
export function accountText(of: Account): string {
    const { owner, subaccount } = of;
    if (subaccount === undefined || hasDefaultSubaccount(of)) return idText(owner);
    const checksum = new Uint8Array(checksumBytes);
    new DataView(checksum.buffer).setUint32(0, crc32(concatBytes(owner, subaccount)));
    const digits = Buffer.from(subaccount).toString('hex').replace(/^0+/, '');
    return `${idText(owner)}-${base32(checksum)}.${digits}`;
}

const base32Digits = 'abcdefghijklmnopqrstuvwxyz234567';

/** RFC 4648, lowercase and without padding. */
function base32(bytes: Uint8Array): string {
    const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(bitsPerByte, '0')).join('');
    const groups = bits.match(/.{1,5}/g) ?? [];
    return groups.map((group) => base32Digits[Number.parseInt(group.padEnd(5, '0'), 2)]).join('');
}

const crcPolynomial = 0xedb88320;
const bitsPerByte = 8;

function crc32(bytes: Uint8Array): number {
    let crc = 0xffffffff;
    for (const byte of bytes) {
        crc ^= byte;
        for (let bit = 0; bit < bitsPerByte; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? crcPolynomial : 0);
    }
    return ~crc >>> 0;
}
