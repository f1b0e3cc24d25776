/** Appends an unsigned LEB128 number: lengths, indices and ids, below 2^32. */
export function pushLeb(bytes: number[], value: number): void {
    let rest = value;
    while (rest > 127) {
        bytes.push((rest & 127) | 128);
        rest >>>= 7;
    }
    bytes.push(rest);
}

/** Appends a signed LEB128 number of 32 bits: opcodes and references of a type table. */
export function pushSleb(bytes: number[], value: number): void {
    let rest = value;
    while (rest > 63 || rest < -64) {
        bytes.push((rest & 127) | 128);
        rest >>= 7;
    }
    bytes.push(rest & 127);
}
