/** Why a message was refused. The codes are stable; nothing else about a refusal is. */
export type RefusalCode =
    /** The bytes do not start with `DIDL`. */
    | 'wrong_magic'
    /** The message ends inside its header or inside a value. */
    | 'truncated'
    /** Bytes are left after the last value. */
    | 'trailing_bytes'
    /** The type table is malformed: unknown opcode, reference out of range, unsorted labels, unknown annotation. */
    | 'bad_type_table'
    /** Fewer values than the method has required arguments. */
    | 'missing_arguments'
    /** The value does not belong to the expected type. */
    | 'type_mismatch'
    /** A byte or index that no value of the type has: bool 2, opt 2, variant index out of range, opaque reference. */
    | 'bad_value'
    | 'invalid_utf8'
    /** A number or a length takes more bytes than {@link MAX_NUMBER_BYTES}, or a length more than 32 bits. */
    | 'number_too_long'
    /** Nested deeper than {@link MAX_DEPTH}. */
    | 'too_deep'
    /** More values than a message may make of its bytes, or more types than a table may declare. */
    | 'too_large';

/** A message that was not decoded. `offset` is the byte where decoding stopped. */
export interface CandidRefusal {
    readonly code: RefusalCode;
    readonly offset: number;
}

/**
 * Nesting of recursive values and of types. QuickJS under Azle overflows its WebAssembly stack between 400 and 800
 * JavaScript frames, and a level takes up to four.
 */
export const MAX_DEPTH = 64;

/** Bytes of one `nat` or `int`: 7 000 bits. */
export const MAX_NUMBER_BYTES = 1024;

/** Elements of all vectors of a message, blobs and vectors of fixed-width integers excepted: they cost no object each. */
export const MAX_ELEMENTS = 250_000;

/** Elements that take no byte on the wire (`vec null`): nothing in the message pays for them. */
export const MAX_FREE_ELEMENTS = 2_000;

/** Types that a type table may declare, and what they may refer to in all. */
export const MAX_TABLE_ENTRIES = 512;
export const MAX_TABLE_REFERENCES = 4096;

/** Pairs of a wire type and an expected type that one plan may compare. */
export const MAX_TYPE_PAIRS = 4096;

/** A value that its Candid type cannot carry: a bug of the caller, never of a message. */
export class InvalidCandidValue extends Error {
    constructor(
        readonly expected: string,
        readonly value: unknown
    ) {
        super(`no Candid value of ${expected}: ${typeof value}`);
        this.name = 'InvalidCandidValue';
    }
}

/** A type that no codec can be compiled for. */
export class UnsupportedCandidType extends Error {
    constructor(readonly type: string) {
        super(`no codec for the Candid type ${type}`);
        this.name = 'UnsupportedCandidType';
    }
}
