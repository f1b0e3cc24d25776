import { Principal } from '@dfinity/principal';
import { SUBACCOUNT_BYTES, type Account } from '../account';
import { err, ok, type Result } from '../result';
import type { Icrc3Entry, Icrc3Value } from './value';

/** A block of an ICRC ledger, read from its ICRC-3 value. Fields are present as the block has them. */
export interface Icrc3Block {
    /** `btype`, or for blocks without one `1mint`, `1burn`, `1xfer`, `2xfer`, `2approve` by operation and spender. */
    readonly type: string;
    readonly tsNs: bigint;
    /** 32 bytes; absent in block 0. */
    readonly parentHash?: Uint8Array;
    readonly amount?: bigint;
    readonly from?: Account;
    readonly to?: Account;
    readonly spender?: Account;
    /** Base units that were charged, whether the block or its transaction names them. */
    readonly fee: bigint;
    readonly memo?: Uint8Array;
    readonly createdAtNs?: bigint;
    readonly expectedAllowance?: bigint;
    readonly expiresAtNs?: bigint;
    /** ICRC-107: who takes the fees from this block on; absent also where they are burned from here on. */
    readonly feeCollector?: Account;
    readonly caller?: Principal;
}

/** The field because of which a value is no block. */
export interface BlockFault {
    readonly field: string;
}

/** A field does not have the type that the schemas give it. Caught in {@link decodeBlock}. */
class FieldFault extends Error {
    constructor(readonly field: string) {
        super(field);
        this.name = 'FieldFault';
    }
}

/** Reads a block; unknown fields and types are passed over. */
export function decodeBlock(value: Icrc3Value): Result<Icrc3Block, BlockFault> {
    try {
        return ok(blockOf(new Fields(value, 'block')));
    } catch (thrown) {
        if (!(thrown instanceof FieldFault)) throw thrown;
        return err({ field: thrown.field });
    }
}

function blockOf(block: Fields): Icrc3Block {
    const tx = new Fields(block.value('tx') ?? { Nat: 0n }, 'tx');
    const spender = tx.account('spender');
    return {
        type: block.text('btype') ?? typeOf(tx.text('op') ?? '', spender !== undefined),
        tsNs: block.nat('ts') ?? fail('ts'),
        parentHash: block.blob('phash'),
        amount: tx.nat('amt'),
        from: tx.account('from'),
        to: tx.account('to'),
        spender,
        fee: block.nat('fee') ?? tx.nat('fee') ?? 0n,
        memo: tx.blob('memo'),
        createdAtNs: tx.nat('ts'),
        expectedAllowance: tx.nat('expected_allowance'),
        expiresAtNs: tx.nat('expires_at'),
        feeCollector: tx.account('fee_collector'),
        caller: tx.principal('caller')
    };
}

function typeOf(op: string, hasSpender: boolean): string {
    if (op === 'xfer') return hasSpender ? '2xfer' : '1xfer';
    if (op === 'approve') return '2approve';
    return op === 'mint' || op === 'burn' ? `1${op}` : fail('op');
}

function fail(field: string): never {
    throw new FieldFault(field);
}

class Fields {
    private readonly entries: ReadonlyMap<string, Icrc3Value>;

    constructor(value: Icrc3Value, name: string) {
        const entries: readonly Icrc3Entry[] = 'Map' in value ? value.Map : fail(name);
        this.entries = new Map(entries);
    }

    value(key: string): Icrc3Value | undefined {
        return this.entries.get(key);
    }

    nat(key: string): bigint | undefined {
        const value = this.value(key);
        return value && ('Nat' in value ? value.Nat : fail(key));
    }

    text(key: string): string | undefined {
        const value = this.value(key);
        return value && ('Text' in value ? value.Text : fail(key));
    }

    blob(key: string): Uint8Array | undefined {
        const value = this.value(key);
        return value && blobOf(value, key);
    }

    principal(key: string): Principal | undefined {
        const bytes = this.blob(key);
        return bytes && Principal.fromUint8Array(bytes);
    }

    account(key: string): Account | undefined {
        const value = this.value(key);
        if (value === undefined) return undefined;
        const [owner, subaccount, ...more] = 'Array' in value ? value.Array : fail(key);
        if (owner === undefined || more.length > 0) return fail(key);
        const account = { owner: Principal.fromUint8Array(blobOf(owner, key)) };
        if (subaccount === undefined) return account;
        const bytes = blobOf(subaccount, key);
        return bytes.length === SUBACCOUNT_BYTES ? { ...account, subaccount: bytes } : fail(key);
    }
}

function blobOf(value: Icrc3Value, key: string): Uint8Array {
    return 'Blob' in value ? Uint8Array.from(value.Blob) : fail(key);
}
