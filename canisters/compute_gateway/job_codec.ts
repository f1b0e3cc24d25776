/**
 * The row of a job. Every operation of the queue reads and writes one, so it is laid out by hand (src/core/row_bytes). Fixed part
 * first, then what has a length.
 */
import type { Principal } from '@dfinity/principal';
import { encodeName } from '../../src/core/candid/utf8';
import { CorruptBytes, ValueOutOfRange, type Codec } from '../../src/core/codec';
import { samePrincipal } from '../../src/core/principals';
import {
    aligned,
    readHash,
    readPrincipal,
    readPrincipals,
    readText,
    scratch,
    writeBytes,
    writeHash,
    writePrincipal,
    writeText,
    type RowReader
} from '../../src/core/row_bytes';
import { PRIORITIES, type Job, type JobState, type Lease, type Payer } from './domain/job';
import type { StoredJob } from './domain/tables';
import { AT, AT_U32, FIXED_BYTES, FLAG, U32, U32_COUNT, U64, U64_COUNT } from './job_layout';

const MAX_LISTED = 255;

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
    'Expired',
    'Cancelling'
] as const satisfies readonly JobState['kind'][];

const u64s = new BigUint64Array(scratch.buffer, 0, U64_COUNT);
const u32s = new Uint32Array(scratch.buffer, AT_U32, U32_COUNT);

export const storedJobCodec: Codec<StoredJob> = { encode, decode };

function encode(stored: StoredJob): Uint8Array {
    const { job, place, wakeNs } = stored;
    const origin = originOf(job);
    const { owner } = job;
    const isSelfOwned = owner !== undefined && samePrincipal(owner, job.submitter);
    scratch.set(origin.bytes);
    writeMutable(job);
    u64s[U64.wake] = plusOne(wakeNs);
    if (place !== undefined) {
        u64s[U64.flow] = place.flow;
        u64s[U64.position] = place.position;
    }
    u32s[U32.flags] =
        origin.flags + flagsOf(job) + (isSelfOwned ? FLAG.selfOwned : 0) + (place === undefined ? 0 : FLAG.placed);
    const at = writeNames(job, isSelfOwned, origin.bytes.length);
    return scratch.slice(0, writeState(at, job.state));
}

/**
 * What a job keeps from its submission on, as the beginning of its row with all else zero, and fields that tell it from the other
 * shards of a group; but not the payer, whom the map below would then hold for good: QuickJS keeps a key that its own value refers to.
 */
interface Origin extends Pick<Job, 'id' | 'appId'> {
    readonly flags: number;
    readonly bytes: Uint8Array;
}

const ORIGIN_FLAGS =
    FLAG.byKey +
    FLAG.selfSubmitted +
    FLAG.ack +
    FLAG.idempotency +
    FLAG.session +
    FLAG.byReference +
    FLAG.secondReceipt;

/** A job keeps its payer's object through all its states; the shards of a group have it in common. */
const origins = new WeakMap<Payer, Origin>();

function originOf(job: Job): Origin {
    const known = origins.get(job.payer);
    if (known !== undefined && known.id === job.id && known.appId === job.appId) return known;
    const { id, payer, submitter, appId, ackHash, idempotencyKey, sessionKey } = job;
    const isSelf = payer.kind === 'Principal' && samePrincipal(payer.who, submitter);
    const flags =
        (payer.kind === 'ApiKey' ? FLAG.byKey : 0) +
        (isSelf ? FLAG.selfSubmitted : 0) +
        (ackHash === undefined ? 0 : FLAG.ack) +
        (idempotencyKey === undefined ? 0 : FLAG.idempotency) +
        (sessionKey === undefined ? 0 : FLAG.session) +
        (job.isByReference ? FLAG.byReference : 0) +
        (job.receiptForm === 2 ? FLAG.secondReceipt : 0);
    scratch.fill(0, 0, FIXED_BYTES);
    writeImmutable(job);
    const bytes = scratch.slice(0, writeOrigin(job, isSelf));
    const origin = { id, appId, flags, bytes };
    origins.set(payer, origin);
    return origin;
}

function writeImmutable(job: Job): void {
    u64s[U64.id] = job.id;
    u64s[U64.maxCredits] = job.maxCredits;
    u64s[U64.maxUnits] = job.maxUnits;
    u64s[U64.unitPrice] = job.unitPriceCredits;
    u64s[U64.lease] = job.leaseNs;
    u64s[U64.created] = job.createdAtNs;
    u64s[U64.expires] = job.expiresAtNs;
    u64s[U64.group] = plusOne(job.group);
    u64s[U64.redriveOf] = plusOne(job.redriveOf);
    u64s[U64.socket] = plusOne(job.socket);
    scratch[AT.priority] = PRIORITIES.indexOf(job.priority);
}

function writeMutable(job: Job): void {
    u64s[U64.queued] = job.queuedAtNs;
    u32s[U32.attempt] = job.attempt;
    u32s[U32.failures] = job.failures;
    scratch[AT.state] = STATES.indexOf(job.state.kind);
    scratch[AT.excluded] = countOf(job.excluded);
    if (job.nodes !== undefined) scratch[AT.nodes] = countOf(job.nodes);
    const { lease } = job;
    if (lease === undefined) return;
    u64s[U64.token] = lease.token;
    u64s[U64.granted] = lease.grantedAtNs;
    u64s[U64.deadline] = lease.deadlineNs;
    u64s[U64.leaseUnits] = lease.units;
    u32s[U32.leaseAttempt] = lease.attempt;
}

function flagsOf(job: Job): number {
    const { owner, isAged, lease, nodes } = job;
    return (
        (owner === undefined ? 0 : FLAG.owned) +
        (isAged ? FLAG.aged : 0) +
        (lease === undefined ? 0 : FLAG.leased) +
        (nodes === undefined ? 0 : FLAG.restricted)
    );
}

/** Numbers into their places, the rest at the end of the row; answers where that is. */
function writeState(at: number, state: JobState): number {
    const isEnd = 'finishedAtNs' in state;
    if (isEnd) u64s[U64.stateA] = state.finishedAtNs;
    else if (state.kind === 'Waiting') u64s[U64.stateA] = state.untilNs;
    if (state.kind === 'Failed') return writeText(at, state.code);
    if (state.kind !== 'Completed' && state.kind !== 'Cancelled') return at;
    u64s[U64.stateB] = state.units;
    u64s[U64.stateC] = state.creditsUsed;
    return state.kind === 'Cancelled' ? at : writeHash(at, state.outputHash);
}

/** Behind the fixed part; answers where it ends. */
function writeOrigin(job: Job, isSelf: boolean): number {
    const { payer, submitter, appId, ackHash, idempotencyKey, sessionKey } = job;
    let at =
        payer.kind === 'Principal' ? writePrincipal(FIXED_BYTES, payer.who) : writeHash(FIXED_BYTES, payer.keyHash);
    if (!isSelf) at = writePrincipal(at, submitter);
    at = writeBytes(at, encodeName(appId));
    if (ackHash !== undefined) at = writeHash(at, ackHash);
    if (idempotencyKey !== undefined) at = writeText(at, idempotencyKey);
    return sessionKey === undefined ? at : writeText(at, sessionKey);
}

function writeNames(job: Job, isSelfOwned: boolean, from: number): number {
    const { owner, lease, excluded, nodes = [] } = job;
    let at = from;
    if (owner !== undefined && !isSelfOwned) at = writePrincipal(at, owner);
    if (lease !== undefined) at = writePrincipal(at, lease.node);
    for (const node of excluded) at = writePrincipal(at, node);
    for (const node of nodes) at = writePrincipal(at, node);
    return at;
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
interface Row extends RowReader {
    readonly u64s: BigUint64Array;
    readonly u32s: Uint32Array;
    readonly flags: number;
}

function rowOf(stored: Uint8Array): Row {
    if (stored.length < FIXED_BYTES) throw new CorruptBytes('a job', stored.length);
    const bytes = aligned(stored);
    const { buffer, byteOffset } = bytes;
    const numbers = new Uint32Array(buffer, byteOffset + AT_U32, U32_COUNT);
    return {
        bytes,
        u64s: new BigUint64Array(buffer, byteOffset, U64_COUNT),
        u32s: numbers,
        flags: numbers[U32.flags] ?? 0,
        at: FIXED_BYTES
    };
}

function u64At(row: Row, index: number): bigint {
    const { u64s: numbers } = row;
    return numbers[index] ?? 0n;
}

function decode(bytes: Uint8Array): StoredJob {
    const row = rowOf(bytes);
    const payer = readPayer(row);
    const submitter = hasFlag(row, FLAG.selfSubmitted) && payer.kind === 'Principal' ? payer.who : readPrincipal(row);
    const appId = readText(row);
    const ackHash = hasFlag(row, FLAG.ack) ? readHash(row) : undefined;
    const idempotencyKey = hasFlag(row, FLAG.idempotency) ? readText(row) : undefined;
    const sessionKey = hasFlag(row, FLAG.session) ? readText(row) : undefined;
    origins.set(payer, {
        id: u64At(row, U64.id),
        appId,
        flags: row.flags & ORIGIN_FLAGS,
        bytes: bytes.slice(0, row.at)
    });
    const owner = readOwner(row, submitter);
    const lease = hasFlag(row, FLAG.leased) ? readLease(row) : undefined;
    const excluded = readPrincipals(row, row.bytes[AT.excluded] ?? 0);
    const nodes = hasFlag(row, FLAG.restricted) ? readPrincipals(row, row.bytes[AT.nodes] ?? 0) : undefined;
    const state = readState(row);
    if (row.at !== bytes.length) throw new CorruptBytes('the end', row.at);
    const job: Job = {
        id: u64At(row, U64.id),
        appId,
        payer,
        submitter,
        owner,
        priority: PRIORITIES[row.bytes[AT.priority] ?? 0] ?? 'Standard',
        sessionKey,
        group: minusOne(u64At(row, U64.group)),
        redriveOf: minusOne(u64At(row, U64.redriveOf)),
        socket: minusOne(u64At(row, U64.socket)),
        isByReference: hasFlag(row, FLAG.byReference),
        receiptForm: hasFlag(row, FLAG.secondReceipt) ? 2 : 1,
        idempotencyKey,
        ackHash,
        maxCredits: u64At(row, U64.maxCredits),
        maxUnits: u64At(row, U64.maxUnits),
        unitPriceCredits: u64At(row, U64.unitPrice),
        leaseNs: u64At(row, U64.lease),
        createdAtNs: u64At(row, U64.created),
        expiresAtNs: u64At(row, U64.expires),
        nodes,
        queuedAtNs: u64At(row, U64.queued),
        isAged: hasFlag(row, FLAG.aged),
        attempt: row.u32s[U32.attempt] ?? 0,
        failures: row.u32s[U32.failures] ?? 0,
        excluded,
        lease,
        state
    };
    const isPlaced = hasFlag(row, FLAG.placed);
    const place = isPlaced ? { flow: u64At(row, U64.flow), position: u64At(row, U64.position) } : undefined;
    return { job, place, wakeNs: minusOne(u64At(row, U64.wake)) };
}

function readState(row: Row): JobState {
    const kind = STATES[row.bytes[AT.state] ?? 0];
    const number = u64At(row, U64.stateA);
    switch (kind) {
        case 'Opening':
        case 'Queued':
        case 'Leased':
        case 'Cancelling':
            return { kind };
        case 'Waiting':
            return { kind, untilNs: number };
        case 'Failed':
            return { kind, finishedAtNs: number, code: readText(row) };
        case 'Completed':
            return {
                kind,
                finishedAtNs: number,
                units: u64At(row, U64.stateB),
                creditsUsed: u64At(row, U64.stateC),
                outputHash: readHash(row)
            };
        case 'Cancelled': {
            const [units, creditsUsed] = [u64At(row, U64.stateB), u64At(row, U64.stateC)];
            return { kind, finishedAtNs: number, units, creditsUsed };
        }
        case 'TimedOut':
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
        token: u64At(row, U64.token),
        attempt: row.u32s[U32.leaseAttempt] ?? 0,
        grantedAtNs: u64At(row, U64.granted),
        deadlineNs: u64At(row, U64.deadline),
        units: u64At(row, U64.leaseUnits)
    };
}

function hasFlag(row: Row, flag: number): boolean {
    const { flags } = row;
    return (flags & flag) !== 0;
}
