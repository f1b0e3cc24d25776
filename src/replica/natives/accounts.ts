/** Ledger accounts in both spellings: owner with subaccount (ICRC-1), and the ICP ledger's account identifier. */
import { createHash } from 'node:crypto';
import { blob, opt, principal, record, type Decoded } from '../candid/codecs';

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
