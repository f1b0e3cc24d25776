/**
 * Why a canister module was refused at installation. `reason` is the replica's sentence without the leading
 * "Canister's Wasm module is not valid: " (replica.md a.6); the error code is always `CanisterInvalidWasm`.
 */
export class InvalidWasm extends Error {
    override readonly name = 'InvalidWasm';
    readonly code = 'CanisterInvalidWasm';

    constructor(readonly reason: string) {
        super(`Canister's Wasm module is not valid: ${reason}`);
    }
}

/** A byte sequence that is no WebAssembly module at all; `at` is the offset in the (unpacked) module. */
export function malformed(what: string, at: number): InvalidWasm {
    return new InvalidWasm(`Failed to decode wasm module: ${what} (at offset 0x${at.toString(16)})`);
}
