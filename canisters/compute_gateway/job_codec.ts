/**
 * The row of a job. Every operation of the queue reads and writes one, so it is laid out by hand: composed fields
 * (src/core/codec) cost a canister four times as much. Fixed part first, then what has a length.
 */
import { Principal } from '@dfinity/principal';
import { decodeUtf8, encodeUtf8 } from '../../src/core/candid/utf8';
import { CorruptBytes, ValueOutOfRange, type Codec } from '../../src/core/codec';
import { samePrincipal } from '../../src/core/principals';
import { PRIORITIES, type Job, type JobState, type Lease, type Payer } from './domain/job';
import type { StoredJob } from './domain/tables';

/** Offsets of the fixed part; all numbers big-endian. An optional u64 is stored as one more than it is, 0 for none. */
const AT = {
    id: 0,
    maxCredits: 8,
    maxUnits: 16,
    unitPrice: 24,
    lease: 32,
    created: 40,
    expires: 48,
    queued: 56,
    wake: 64,
    flow: 72,
    position: 80,
    group: 88,
    redriveOf: 96,
    attempt: 104,
    failures: 108,
    priority: 112,
    state: 113,
    flags: 114,
    excluded: 116,
    nodes: 117,
    stateA: 118,
    stateB: 126,
    stateC: 134,
    token: 142,
    granted: 150,
    deadline: 158,
    leaseAttempt: 166
} as const;
const FIXED_BYTES = 170;
const MAX_BYTES = 8_192;
const HASH_BYTES = 32;
const MAX_LISTED = 255;

const FLAG = {
    byKey: 1,
    selfSubmitted: 2,
    owned: 4,
    selfOwned: 8,
    aged: 16,
    leased: 32,
    ack: 64,
    idempotency: 128,
    session: 256,
    restricted: 512,
    placed: 1_024
} as const;

/** Closed list; stored by position, so append only. */
const STATES = [
    'Opening',
    'Queued',
    'Waiting',
    'Leased',
    'Completed',
    'Failed',
    'TimedOut',
    'Cancelled',
    'Expired'
] as const satisfies readonly JobState['kind'][];

const scratch = new Uint8Array(MAX_BYTES);
const view = new DataView(scratch.buffer);

export const storedJobCodec: Codec<StoredJob> = { encode, decode };

function encode({ job, place, wakeNs }: StoredJob): Uint8Array {
    writeFixed(job);
    view.setBigUint64(AT.wake, plusOne(wakeNs));
    view.setBigUint64(AT.flow, place?.flow ?? 0n);
    view.setBigUint64(AT.position, place?.position ?? 0n);
    view.setUint16(AT.flags, flagsOf(job) + (place === undefined ? 0 : FLAG.placed));
    return scratch.slice(0, writeRest(job, writeState(job.state)));
}

function writeFixed(job: Job): void {
    view.setBigUint64(AT.id, job.id);
    view.setBigUint64(AT.maxCredits, job.maxCredits);
    view.setBigUint64(AT.maxUnits, job.maxUnits);
    view.setBigUint64(AT.unitPrice, job.unitPriceCredits);
    view.setBigUint64(AT.lease, job.leaseNs);
    view.setBigUint64(AT.created, job.createdAtNs);
    view.setBigUint64(AT.expires, job.expiresAtNs);
    view.setBigUint64(AT.queued, job.queuedAtNs);
    view.setBigUint64(AT.group, plusOne(job.group));
    view.setBigUint64(AT.redriveOf, plusOne(job.redriveOf));
    view.setUint32(AT.attempt, job.attempt);
    view.setUint32(AT.failures, job.failures);
    view.setUint8(AT.priority, PRIORITIES.indexOf(job.priority));
    view.setUint8(AT.state, STATES.indexOf(job.state.kind));
    view.setUint8(AT.excluded, countOf(job.excluded));
    view.setUint8(AT.nodes, countOf(job.nodes ?? []));
    const { lease } = job;
    if (lease === undefined) return;
    view.setBigUint64(AT.token, lease.token);
    view.setBigUint64(AT.granted, lease.grantedAtNs);
    view.setBigUint64(AT.deadline, lease.deadlineNs);
    view.setUint32(AT.leaseAttempt, lease.attempt);
}

function flagsOf(job: Job): number {
    const { payer, submitter, owner } = job;
    return (
        (payer.kind === 'ApiKey' ? FLAG.byKey : 0) +
        (payer.kind === 'Principal' && samePrincipal(payer.who, submitter) ? FLAG.selfSubmitted : 0) +
        (owner === undefined ? 0 : FLAG.owned) +
        (owner !== undefined && samePrincipal(owner, submitter) ? FLAG.selfOwned : 0) +
        (job.isAged ? FLAG.aged : 0) +
        (job.lease === undefined ? 0 : FLAG.leased) +
        (job.ackHash === undefined ? 0 : FLAG.ack) +
        (job.idempotencyKey === undefined ? 0 : FLAG.idempotency) +
        (job.sessionKey === undefined ? 0 : FLAG.session) +
        (job.nodes === undefined ? 0 : FLAG.restricted)
    );
}

/** Numbers into their places, the rest behind the fixed part; answers where that ends. */
function writeState(state: JobState): number {
    const isEnd = 'finishedAtNs' in state;
    view.setBigUint64(AT.stateA, isEnd ? state.finishedAtNs : state.kind === 'Waiting' ? state.untilNs : 0n);
    if (state.kind === 'Failed') return writeText(FIXED_BYTES, state.code);
    if (state.kind !== 'Completed') return FIXED_BYTES;
    view.setBigUint64(AT.stateB, state.units);
    view.setBigUint64(AT.stateC, state.creditsUsed);
    return writeHash(FIXED_BYTES, state.outputHash);
}

function writeRest(job: Job, from: number): number {
    const { payer, submitter, owner, lease } = job;
    let at = payer.kind === 'Principal' ? writePrincipal(from, payer.who) : writeHash(from, payer.keyHash);
    const isSelf = payer.kind === 'Principal' && samePrincipal(payer.who, submitter);
    if (!isSelf) at = writePrincipal(at, submitter);
    if (owner !== undefined && !samePrincipal(owner, submitter)) at = writePrincipal(at, owner);
    if (lease !== undefined) at = writePrincipal(at, lease.node);
    for (const node of job.excluded) at = writePrincipal(at, node);
    for (const node of job.nodes ?? []) at = writePrincipal(at, node);
    at = writeText(at, job.appId);
    if (job.ackHash !== undefined) at = writeHash(at, job.ackHash);
    if (job.idempotencyKey !== undefined) at = writeText(at, job.idempotencyKey);
    return job.sessionKey === undefined ? at : writeText(at, job.sessionKey);
}

function writePrincipal(at: number, who: Principal): number {
    const bytes = who.toUint8Array();
    scratch[at] = bytes.length;
    scratch.set(bytes, at + 1);
    return at + 1 + bytes.length;
}

function writeHash(at: number, hash: Uint8Array): number {
    if (hash.length !== HASH_BYTES) throw new ValueOutOfRange('32 bytes', hash.length);
    scratch.set(hash, at);
    return at + HASH_BYTES;
}

function writeText(at: number, text: string): number {
    const bytes = encodeUtf8(text);
    view.setUint16(at, bytes.length);
    scratch.set(bytes, at + 2);
    return at + 2 + bytes.length;
}

function plusOne(value: bigint | undefined): bigint {
    return value === undefined ? 0n : value + 1n;
}

function minusOne(value: bigint): bigint | undefined {
    return value === 0n ? undefined : value - 1n;
}

function countOf(list: readonly unknown[]): number {
    if (list.length > MAX_LISTED) throw new ValueOutOfRange('255 nodes', list.length);
    return list.length;
}

/** A row that is being read. */
interface Row {
    readonly bytes: Uint8Array;
    readonly view: DataView;
    readonly flags: number;
    /** Where the next part with a length begins. */
    at: number;
}

function decode(bytes: Uint8Array): StoredJob {
    const numbers = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const row: Row = { bytes, view: numbers, flags: numbers.getUint16(AT.flags), at: FIXED_BYTES };
    const state = readState(row);
    const payer = readPayer(row);
    const submitter = hasFlag(row, FLAG.selfSubmitted) && payer.kind === 'Principal' ? payer.who : readPrincipal(row);
    const owner = readOwner(row, submitter);
    const lease = hasFlag(row, FLAG.leased) ? readLease(row) : undefined;
    const excluded = readPrincipals(row, numbers.getUint8(AT.excluded));
    const nodes = hasFlag(row, FLAG.restricted) ? readPrincipals(row, numbers.getUint8(AT.nodes)) : undefined;
    const appId = readText(row);
    const ackHash = hasFlag(row, FLAG.ack) ? readHash(row) : undefined;
    const idempotencyKey = hasFlag(row, FLAG.idempotency) ? readText(row) : undefined;
    const sessionKey = hasFlag(row, FLAG.session) ? readText(row) : undefined;
    if (row.at !== bytes.length) throw new CorruptBytes('the end', row.at);
    const job: Job = {
        id: numbers.getBigUint64(AT.id),
        appId,
        payer,
        submitter,
        owner,
        priority: PRIORITIES[numbers.getUint8(AT.priority)] ?? 'Standard',
        sessionKey,
        group: minusOne(numbers.getBigUint64(AT.group)),
        redriveOf: minusOne(numbers.getBigUint64(AT.redriveOf)),
        idempotencyKey,
        ackHash,
        maxCredits: numbers.getBigUint64(AT.maxCredits),
        maxUnits: numbers.getBigUint64(AT.maxUnits),
        unitPriceCredits: numbers.getBigUint64(AT.unitPrice),
        leaseNs: numbers.getBigUint64(AT.lease),
        createdAtNs: numbers.getBigUint64(AT.created),
        expiresAtNs: numbers.getBigUint64(AT.expires),
        nodes,
        queuedAtNs: numbers.getBigUint64(AT.queued),
        isAged: hasFlag(row, FLAG.aged),
        attempt: numbers.getUint32(AT.attempt),
        failures: numbers.getUint32(AT.failures),
        excluded,
        lease,
        state
    };
    const isPlaced = hasFlag(row, FLAG.placed);
    const place = isPlaced
        ? { flow: numbers.getBigUint64(AT.flow), position: numbers.getBigUint64(AT.position) }
        : undefined;
    return { job, place, wakeNs: minusOne(numbers.getBigUint64(AT.wake)) };
}

function readState(row: Row): JobState {
    const kind = STATES[row.view.getUint8(AT.state)];
    const number = row.view.getBigUint64(AT.stateA);
    switch (kind) {
        case 'Opening':
        case 'Queued':
        case 'Leased':
            return { kind };
        case 'Waiting':
            return { kind, untilNs: number };
        case 'Failed':
            return { kind, finishedAtNs: number, code: readText(row) };
        case 'Completed':
            return {
                kind,
                finishedAtNs: number,
                units: row.view.getBigUint64(AT.stateB),
                creditsUsed: row.view.getBigUint64(AT.stateC),
                outputHash: readHash(row)
            };
        case 'TimedOut':
        case 'Cancelled':
        case 'Expired':
            return { kind, finishedAtNs: number };
        default:
            throw new CorruptBytes('the state of a job', AT.state);
    }
}

function readPayer(row: Row): Payer {
    return hasFlag(row, FLAG.byKey)
        ? { kind: 'ApiKey', keyHash: readHash(row) }
        : { kind: 'Principal', who: readPrincipal(row) };
}

function readOwner(row: Row, submitter: Principal): Principal | undefined {
    if (!hasFlag(row, FLAG.owned)) return undefined;
    return hasFlag(row, FLAG.selfOwned) ? submitter : readPrincipal(row);
}

function readLease(row: Row): Lease {
    return {
        node: readPrincipal(row),
        token: row.view.getBigUint64(AT.token),
        attempt: row.view.getUint32(AT.leaseAttempt),
        grantedAtNs: row.view.getBigUint64(AT.granted),
        deadlineNs: row.view.getBigUint64(AT.deadline)
    };
}

function readPrincipals(row: Row, count: number): Principal[] {
    const list: Principal[] = [];
    for (let i = 0; i < count; i++) list.push(readPrincipal(row));
    return list;
}

function readPrincipal(row: Row): Principal {
    const from = row.at + 1;
    row.at = from + row.view.getUint8(row.at);
    return Principal.fromUint8Array(row.bytes.slice(from, row.at));
}

function readHash(row: Row): Uint8Array {
    const from = row.at;
    row.at += HASH_BYTES;
    return row.bytes.slice(from, row.at);
}

function readText(row: Row): string {
    const from = row.at + 2;
    row.at = from + row.view.getUint16(row.at);
    const text = decodeUtf8(row.bytes.subarray(from, row.at));
    if (text === undefined) throw new CorruptBytes('UTF-8', from);
    return text;
}

function hasFlag({ flags }: Row, flag: number): boolean {
    return (flags & flag) !== 0;
}
