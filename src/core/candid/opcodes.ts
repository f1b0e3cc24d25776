/** Type opcodes of the Candid specification (section "Types"), as they stand in a type table. */
export const OPCODE = {
    null: -1,
    bool: -2,
    nat: -3,
    int: -4,
    nat8: -5,
    nat16: -6,
    nat32: -7,
    nat64: -8,
    int8: -9,
    int16: -10,
    int32: -11,
    int64: -12,
    float32: -13,
    float64: -14,
    text: -15,
    reserved: -16,
    empty: -17,
    opt: -18,
    vec: -19,
    record: -20,
    variant: -21,
    func: -22,
    service: -23,
    principal: -24
} as const;

export type PrimitiveName = Exclude<keyof typeof OPCODE, 'opt' | 'vec' | 'record' | 'variant' | 'func' | 'service'>;

export const PRIMITIVE_NAMES: readonly PrimitiveName[] = [
    'null',
    'bool',
    'nat',
    'int',
    'nat8',
    'nat16',
    'nat32',
    'nat64',
    'int8',
    'int16',
    'int32',
    'int64',
    'float32',
    'float64',
    'text',
    'reserved',
    'empty',
    'principal'
];

/** The primitive type of an opcode; undefined for constructors and unknown opcodes. */
export const PRIMITIVE_OF_OPCODE: ReadonlyMap<number, PrimitiveName> = new Map(
    PRIMITIVE_NAMES.map((name) => [OPCODE[name], name])
);

/** Annotations of a function type by their byte, from 1. */
export const ANNOTATIONS = ['query', 'oneway', 'composite_query'] as const;
