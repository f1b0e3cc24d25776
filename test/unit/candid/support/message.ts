/** Messages written by hand, for what no encoder writes. */
import { OPCODE } from '../../../../src/core/candid/opcodes';
import { pushLeb, pushSleb } from '../../../../src/core/candid/leb128';

type Part = number | readonly number[];

export function leb(value: number): number[] {
    const bytes: number[] = [];
    pushLeb(bytes, value);
    return bytes;
}

export function sleb(value: number): number[] {
    const bytes: number[] = [];
    pushSleb(bytes, value);
    return bytes;
}

/** An entry of a type table: a constructor and what follows it. */
export function entry(constructor: keyof typeof OPCODE, ...rest: readonly Part[]): number[] {
    return [...sleb(OPCODE[constructor]), ...rest.flat()];
}

export function code(name: keyof typeof OPCODE): number[] {
    return sleb(OPCODE[name]);
}

export function message(
    table: readonly (readonly number[])[],
    types: readonly Part[],
    values: readonly Part[]
): Uint8Array {
    const header = [...leb(table.length), ...table.flat(), ...leb(types.length), ...types.flat()];
    return Uint8Array.from([0x44, 0x49, 0x44, 0x4c, ...header, ...values.flat()]);
}
