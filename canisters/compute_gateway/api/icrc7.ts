import { IDL } from 'azle';
import type { Principal } from '@dfinity/principal';
import { query, SERVED_WHILE_PAUSED, update } from '../../../src/azle/endpoint';
import { fromCandidAccount, toCandidAccount } from '../../../src/core/account';
import { NS_PER_S } from '../../../src/core/clock';
import { codecOf, record, blob } from '../../../src/core/codec';
import { err } from '../../../src/core/result';
import type { Socket } from '../domain/socket';
import {
    MAX_BATCH,
    MAX_MEMO_BYTES,
    MAX_TAKE,
    PERMITTED_DRIFT_NS,
    TX_WINDOW_NS,
    type TokenError
} from '../domain/socket_ledger';
import { env, pause, sockets } from '../wiring';
import type { Opt } from './idl';
import {
    accountOf,
    Metadata,
    TokenAccount,
    toTokenResult,
    TransferArg,
    TransferResults,
    type TokenResults
} from './idl_icrc7';

const NAME = 'EMC Compute Socket';
const SYMBOL = 'EMCS';
const DESCRIPTION =
    'Units of an AI app, bought in advance: whoever owns a socket uses it, and each use pays the node that did it.';
const MALFORMED: TokenError = { kind: 'GenericError', code: 4n, message: 'a subaccount has 32 bytes' };

const OptNat = IDL.Opt(IDL.Nat);
/** The standard tells both in seconds, unlike `created_at_time`. */
const TX_WINDOW_S = TX_WINDOW_NS / NS_PER_S;
const PERMITTED_DRIFT_S = PERMITTED_DRIFT_NS / NS_PER_S;

/** ICRC-7 over compute sockets, and ICRC-10. */
export class Icrc7 {
    /** Anyone. */
    @query([], IDL.Vec(IDL.Record({ name: IDL.Text, url: IDL.Text })))
    icrc10_supported_standards(): { name: string; url: string }[] {
        return ['7', '10', '37'].map((number) => ({
            name: `ICRC-${number}`,
            url: `https://github.com/dfinity/ICRC/ICRCs/ICRC-${number}`
        }));
    }

    /** Anyone. */
    @query([], Metadata)
    icrc7_collection_metadata(): Metadata {
        return [
            ['icrc7:symbol', { Text: SYMBOL }],
            ['icrc7:name', { Text: NAME }],
            ['icrc7:description', { Text: DESCRIPTION }],
            ['icrc7:total_supply', { Nat: sockets.ledger.supply() }],
            ['icrc7:max_query_batch_size', { Nat: MAX_TAKE }],
            ['icrc7:max_update_batch_size', { Nat: BigInt(MAX_BATCH) }],
            ['icrc7:default_take_value', { Nat: MAX_TAKE }],
            ['icrc7:max_take_value', { Nat: MAX_TAKE }],
            ['icrc7:max_memo_size', { Nat: BigInt(MAX_MEMO_BYTES) }],
            ['icrc7:atomic_batch_transfers', { Text: 'false' }],
            ['icrc7:tx_window', { Nat: TX_WINDOW_S }],
            ['icrc7:permitted_drift', { Nat: PERMITTED_DRIFT_S }]
        ];
    }

    /** Anyone. */
    @query([], IDL.Text)
    icrc7_symbol(): string {
        return SYMBOL;
    }

    /** Anyone. */
    @query([], IDL.Text)
    icrc7_name(): string {
        return NAME;
    }

    /** Anyone. */
    @query([], IDL.Opt(IDL.Text))
    icrc7_description(): Opt<string> {
        return [DESCRIPTION];
    }

    /** Anyone: the collection has none. */
    @query([], IDL.Opt(IDL.Text))
    icrc7_logo(): Opt<string> {
        return [];
    }

    /** Anyone. */
    @query([], IDL.Nat)
    icrc7_total_supply(): bigint {
        return sockets.ledger.supply();
    }

    /** Anyone: there is no cap. */
    @query([], OptNat)
    icrc7_supply_cap(): Opt<bigint> {
        return [];
    }

    /** Anyone. */
    @query([], OptNat)
    icrc7_max_query_batch_size(): Opt<bigint> {
        return [MAX_TAKE];
    }

    /** Anyone. */
    @query([], OptNat)
    icrc7_max_update_batch_size(): Opt<bigint> {
        return [BigInt(MAX_BATCH)];
    }

    /** Anyone. */
    @query([], OptNat)
    icrc7_default_take_value(): Opt<bigint> {
        return [MAX_TAKE];
    }

    /** Anyone. */
    @query([], OptNat)
    icrc7_max_take_value(): Opt<bigint> {
        return [MAX_TAKE];
    }

    /** Anyone. */
    @query([], OptNat)
    icrc7_max_memo_size(): Opt<bigint> {
        return [BigInt(MAX_MEMO_BYTES)];
    }

    /** Anyone: each transfer of a batch stands alone. */
    @query([], IDL.Opt(IDL.Bool))
    icrc7_atomic_batch_transfers(): Opt<boolean> {
        return [false];
    }

    /** Anyone; seconds. */
    @query([], OptNat)
    icrc7_tx_window(): Opt<bigint> {
        return [TX_WINDOW_S];
    }

    /** Anyone; seconds. */
    @query([], OptNat)
    icrc7_permitted_drift(): Opt<bigint> {
        return [PERMITTED_DRIFT_S];
    }

    /** Anyone; the first 100. */
    @query([IDL.Vec(IDL.Nat)], IDL.Vec(IDL.Opt(Metadata)))
    icrc7_token_metadata(ids: bigint[]): Opt<Metadata>[] {
        return inBatch(ids).map((id) => {
            const socket = tokenOf(id);
            return socket === undefined ? [] : [metadataOf(socket)];
        });
    }

    /** Anyone; the first 100. */
    @query([IDL.Vec(IDL.Nat)], IDL.Vec(IDL.Opt(TokenAccount)))
    icrc7_owner_of(ids: bigint[]): Opt<TokenAccount>[] {
        return inBatch(ids).map((id) => {
            const socket = tokenOf(id);
            return socket === undefined ? [] : [toCandidAccount(socket.owner)];
        });
    }

    /** Anyone; the first 100. */
    @query([IDL.Vec(TokenAccount)], IDL.Vec(IDL.Nat))
    icrc7_balance_of(accounts: TokenAccount[]): bigint[] {
        return inBatch(accounts).map((given) => {
            const account = fromCandidAccount(given);
            return account.ok ? sockets.ledger.holding(account.value).count : 0n;
        });
    }

    /** Anyone; at most 100, in the order of minting. */
    @query([OptNat, OptNat], IDL.Vec(IDL.Nat))
    icrc7_tokens([previous]: Opt<bigint>, take: Opt<bigint>): bigint[] {
        return [...sockets.ledger.tokens(previous ?? 0n, taken(take))];
    }

    /** Anyone; at most 100, in the order in which they came to the account. */
    @query([TokenAccount, OptNat, OptNat], IDL.Vec(IDL.Nat))
    icrc7_tokens_of(given: TokenAccount, [previous]: Opt<bigint>, take: Opt<bigint>): bigint[] {
        const account = fromCandidAccount(given);
        if (!account.ok || (previous !== undefined && tokenOf(previous) === undefined)) return [];
        return [...sockets.ledger.tokensOf(account.value, previous, taken(take))];
    }

    /** A socket's owner. Up to 32 at once, each by itself. */
    @update([IDL.Vec(TransferArg)], TransferResults, SERVED_WHILE_PAUSED)
    icrc7_transfer(all: TransferArg[]): TokenResults {
        const caller = env.caller();
        return eachOf(all, (arg) => {
            const to = fromCandidAccount(arg.to);
            const from = accountOf(caller, arg.from_subaccount);
            if (!to.ok || from === undefined) return toTokenResult(err(MALFORMED));
            const { token_id, memo, created_at_time } = arg;
            const message = messageOf(TransferArg, arg);
            const transfer = {
                caller,
                from,
                to: to.value,
                tokenId: asId(token_id),
                memo: memo[0],
                createdAtNs: created_at_time[0],
                identity: identityOf(caller, 'xfer', message)
            };
            return toTokenResult(sockets.ledger.transfer(transfer, env.nowNs()));
        });
    }
}

const identity = codecOf(
    record<{ who: Uint8Array; op: Uint8Array; arg: Uint8Array }>({ who: blob, op: blob, arg: blob })
);
const encoder = new TextEncoder();

/** What makes two transactions the same: who, what, and all arguments. */
export function identityOf(caller: Principal, operation: string, arg: Uint8Array): Uint8Array {
    return identity.encode({ who: caller.toUint8Array(), op: encoder.encode(operation), arg });
}

/** An argument's Candid encoding: equal for equal arguments. */
export function messageOf(type: IDL.Type, value: unknown): Uint8Array {
    return new Uint8Array(IDL.encode([type], [value]));
}

function refused(error_code: bigint, message: string): TokenResults {
    return [[{ Err: { GenericBatchError: { error_code, message } } }]];
}

/**
 * Answers in order; a batch that is too large is not begun, and none in a pause: the standards' results have no `Paused`, so the
 * pause is told here.
 */
export function eachOf<T>(all: T[], answer: (item: T) => ReturnType<typeof toTokenResult>): TokenResults {
    if (all.length > MAX_BATCH) return refused(5n, `a batch has at most ${MAX_BATCH} items`);
    if (pause.isPaused()) return refused(6n, 'paused');
    return all.map((item) => [answer(item)]);
}

export function inBatch<T>(items: T[]): T[] {
    return items.slice(0, Number(MAX_TAKE));
}

export function taken([take]: Opt<bigint>): bigint {
    return take === undefined || take > MAX_TAKE ? MAX_TAKE : take;
}

const MAX_ID = (1n << 64n) - 1n;

/** Token ids of this collection fit 64 bits; no larger one exists. */
export function asId(id: bigint): bigint {
    return id > MAX_ID ? 0n : id;
}

function tokenOf(id: bigint): Socket | undefined {
    return sockets.ledger.get(asId(id));
}

function metadataOf(socket: Socket): Metadata {
    return [
        ['emc:app', { Text: socket.appId }],
        ['emc:units_minted', { Nat: socket.minted }],
        ['emc:units_left', { Nat: socket.left }],
        ['emc:units_reserved', { Nat: socket.reserved }],
        ['emc:unit_price_credits', { Nat: socket.unitPriceCredits }],
        ['emc:minted_at_ns', { Nat: socket.mintedAtNs }]
    ];
}
