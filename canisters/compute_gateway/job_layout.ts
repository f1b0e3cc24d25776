/** Where the row of a job (`job_codec.ts`) has what. */

/**
 * Places in the fixed part, which typed arrays read and write: a DataView's methods cost five times as much. Little-endian, as
 * WebAssembly is. Enums, because the bundler puts their values in place of their names. An optional u64 is stored as one more than it is, 0 for none.
 */
export enum U64 {
    id = 0,
    maxCredits = 1,
    maxUnits = 2,
    unitPrice = 3,
    lease = 4,
    created = 5,
    expires = 6,
    queued = 7,
    wake = 8,
    flow = 9,
    position = 10,
    group = 11,
    redriveOf = 12,
    stateA = 13,
    stateB = 14,
    stateC = 15,
    token = 16,
    granted = 17,
    deadline = 18,
    leaseUnits = 19,
    socket = 20
}
export const U64_COUNT = 21;
/** The bytes behind the numbers of 64 bits, as numbers of 32. */
export enum U32 {
    attempt = 0,
    failures = 1,
    leaseAttempt = 2,
    flags = 3
}
export const U32_COUNT = 4;
export const AT_U32 = 8 * U64_COUNT;
export enum AT {
    priority = 184,
    state = 185,
    excluded = 186,
    nodes = 187
}
export const FIXED_BYTES = AT_U32 + 4 * U32_COUNT + 4;
export enum FLAG {
    byKey = 1,
    selfSubmitted = 2,
    owned = 4,
    selfOwned = 8,
    aged = 16,
    leased = 32,
    ack = 64,
    idempotency = 128,
    session = 256,
    restricted = 512,
    placed = 1_024,
    byReference = 2_048,
    secondReceipt = 4_096
}
