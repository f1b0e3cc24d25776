import { concatBytes } from '../../../src/core/bytes';
import { u64Key } from '../../../src/core/codec';
import { sha256 } from '../../../src/core/hash';
import type { Cell } from '../../../src/core/table';

/** 32 bytes that nobody knew before they were drawn (`raw_rand`), and what was made of them. */
export interface DiceState {
    readonly seed?: Uint8Array;
    readonly seededAtNs: bigint;
    /** Numbers drawn from this seed. */
    readonly drawn: bigint;
}

export const NO_DICE: DiceState = { seededAtNs: 0n, drawn: 0n };

/** Eight numbers of 32 bits in each `SHA-256(seed ‖ counter)`. */
const PER_BLOCK = 8n;

/** Chance out of seeds of the management canister: unforeseeable without the seed, and the same again in a replay. */
export class Dice {
    constructor(private readonly cell: Cell<DiceState>) {}

    isReady(): boolean {
        return this.cell.get().seed !== undefined;
    }

    seededAtNs(): bigint {
        return this.cell.get().seededAtNs;
    }

    reseed(seed: Uint8Array, nowNs: bigint): void {
        this.cell.set({ seed, seededAtNs: nowNs, drawn: 0n });
    }

    /** Numbers that are uniform in [min, max], as many as are asked for; the bias is below (max − min) / 2^32. */
    uniform(count: number, min: bigint, max: bigint): readonly bigint[] {
        const state = this.cell.get();
        const { seed = new Uint8Array() } = state;
        this.cell.set({ ...state, drawn: state.drawn + BigInt(count) });
        let block: DataView = new DataView(new ArrayBuffer(0));
        return Array.from({ length: count }, (_, index) => {
            const at = state.drawn + BigInt(index);
            if (index === 0 || at % PER_BLOCK === 0n) block = blockOf(seed, at / PER_BLOCK);
            return min + ((BigInt(block.getUint32(Number(at % PER_BLOCK) * 4)) * (max - min + 1n)) >> 32n);
        });
    }
}

function blockOf(seed: Uint8Array, counter: bigint): DataView {
    const digest = sha256(concatBytes(seed, u64Key.encode(counter)));
    return new DataView(digest.buffer, digest.byteOffset, digest.byteLength);
}
