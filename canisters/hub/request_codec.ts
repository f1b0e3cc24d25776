/**
 * The row of a request, laid out by hand (src/core/row_bytes): every call writes it twice. Fixed part first, then what has a
 * length. Rows of schema 6 are kept for good, and told by their first byte: the highest of an id that counts from 1.
 */
import type { Principal } from '@dfinity/principal';
import { encodeName } from '../../src/core/candid/utf8';
import {
    blob,
    codecOf,
    CorruptBytes,
    fixedBytes,
    list,
    oneOf,
    optional,
    principal,
    record,
    text,
    u64,
    ValueOutOfRange,
    type Codec
} from '../../src/core/codec';
import {
    aligned,
    readBytes,
    readHash,
    readPrincipal,
    readPrincipals,
    readText,
    scratch,
    writeBytes,
    writeHash,
    writePrincipal,
    type RowReader
} from '../../src/core/row_bytes';
import { ORIGINS } from './domain/api_keys';
import { FINAL_STATUSES, type CallRequest, type Outcome } from './domain/requests';

/** Places in the fixed part. Enums, because the bundler puts their values in place of their names. */
enum AT {
    form = 0,
    origin = 1,
    status = 2,
    nodes = 3,
    flags = 4
}
enum U64 {
    requestId = 1,
    creditsHeld = 2,
    openedAt = 3,
    creditsUsed = 4,
    closedAt = 5,
    window = 6
}
const FIXED_BYTES = 56;
enum FLAG {
    key = 1,
    restricted = 2,
    purse = 4,
    closed = 8,
    node = 16,
    receipt = 32
}

/** No row of schema 6 begins with it. */
const FORM = 7;
const MAX_LISTED = 255;

const u64s = new BigUint64Array(scratch.buffer, 0, FIXED_BYTES / 8);

function encode(request: CallRequest): Uint8Array {
    const { keyHash, nodes, purse, outcome } = request;
    scratch[AT.form] = FORM;
    scratch[AT.origin] = ORIGINS.indexOf(request.origin);
    u64s[U64.requestId] = request.requestId;
    u64s[U64.creditsHeld] = request.creditsHeld;
    u64s[U64.openedAt] = request.openedAtNs;
    let flags = 0;
    let at = writeBytes(writePrincipal(FIXED_BYTES, request.owner), encodeName(request.appId));
    if (keyHash !== undefined) {
        flags += FLAG.key;
        at = writeHash(at, keyHash);
    }
    if (nodes !== undefined) {
        flags += FLAG.restricted;
        at = writeNodes(at, nodes);
    }
    if (purse !== undefined) {
        flags += FLAG.purse;
        at = writePrincipal(at, purse);
    }
    if (outcome !== undefined) {
        flags += FLAG.closed + (outcome.node === undefined ? 0 : FLAG.node);
        if (outcome.receipt !== undefined) flags += FLAG.receipt;
        at = writeOutcome(at, outcome);
    }
    scratch[AT.flags] = flags;
    return scratch.slice(0, at);
}

function writeNodes(from: number, nodes: readonly Principal[]): number {
    if (nodes.length > MAX_LISTED) throw new ValueOutOfRange(`${MAX_LISTED} nodes`, nodes.length);
    scratch[AT.nodes] = nodes.length;
    let at = from;
    for (const node of nodes) at = writePrincipal(at, node);
    return at;
}

function writeOutcome(from: number, outcome: Outcome): number {
    const { node, receipt } = outcome;
    scratch[AT.status] = FINAL_STATUSES.indexOf(outcome.status);
    u64s[U64.creditsUsed] = outcome.creditsUsed;
    u64s[U64.closedAt] = outcome.closedAtNs;
    u64s[U64.window] = outcome.window;
    const at = node === undefined ? from : writePrincipal(from, node);
    return receipt === undefined ? at : writeBytes(at, receipt);
}

interface Row extends RowReader {
    readonly u64s: BigUint64Array;
    readonly flags: number;
}

function decode(stored: Uint8Array): CallRequest {
    if (stored[AT.form] !== FORM) return rowOfSix.decode(stored);
    const bytes = aligned(stored);
    const numbers = new BigUint64Array(bytes.buffer, bytes.byteOffset, FIXED_BYTES / 8);
    const row: Row = { bytes, u64s: numbers, flags: bytes[AT.flags] ?? 0, at: FIXED_BYTES };
    const owner = readPrincipal(row);
    const appId = readText(row);
    const request: CallRequest = {
        requestId: numbers[U64.requestId] ?? 0n,
        owner,
        keyHash: hasFlag(row, FLAG.key) ? readHash(row) : undefined,
        origin: nameAt(ORIGINS, bytes[AT.origin]),
        appId,
        creditsHeld: numbers[U64.creditsHeld] ?? 0n,
        openedAtNs: numbers[U64.openedAt] ?? 0n,
        nodes: hasFlag(row, FLAG.restricted) ? readPrincipals(row, bytes[AT.nodes] ?? 0) : undefined,
        purse: hasFlag(row, FLAG.purse) ? readPrincipal(row) : undefined,
        outcome: hasFlag(row, FLAG.closed) ? readOutcome(row) : undefined
    };
    if (row.at !== bytes.length) throw new CorruptBytes('the end', row.at);
    return request;
}

function readOutcome(row: Row): Outcome {
    return {
        node: hasFlag(row, FLAG.node) ? readPrincipal(row) : undefined,
        status: nameAt(FINAL_STATUSES, row.bytes[AT.status]),
        creditsUsed: row.u64s[U64.creditsUsed] ?? 0n,
        receipt: hasFlag(row, FLAG.receipt) ? readBytes(row) : undefined,
        closedAtNs: row.u64s[U64.closedAt] ?? 0n,
        window: row.u64s[U64.window] ?? 0n
    };
}

function hasFlag({ flags }: Row, flag: number): boolean {
    return (flags & flag) !== 0;
}

function nameAt<Name extends string>(names: readonly Name[], position = 0): Name {
    const name = names[position];
    if (name === undefined) throw new CorruptBytes(`one of ${names.join(', ')}`, 0);
    return name;
}

/** How schema 6 wrote them; {@link callRequestCodec} reads both. */
export const rowOfSix: Codec<CallRequest> = codecOf(
    record<CallRequest>({
        requestId: u64,
        owner: principal,
        keyHash: optional(fixedBytes(32)),
        origin: oneOf(ORIGINS),
        appId: text,
        creditsHeld: u64,
        openedAtNs: u64,
        nodes: optional(list(principal)),
        purse: optional(principal),
        outcome: optional(
            record<Outcome>({
                node: optional(principal),
                status: oneOf(FINAL_STATUSES),
                creditsUsed: u64,
                receipt: optional(blob),
                closedAtNs: u64,
                window: u64
            })
        )
    })
);

export const callRequestCodec: Codec<CallRequest> = { encode, decode };
