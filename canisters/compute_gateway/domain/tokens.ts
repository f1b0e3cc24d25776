import { ByteWriter } from '../../../src/core/codec';
import { sha256 } from '../../../src/core/hash';
import type { GatewayTables } from './tables';

const TOKENS_PER_HASH = 4;

/** Whether tokens can be drawn: not before randomness of the network has arrived. */
export function isSeeded(tables: GatewayTables): boolean {
    return tables.tokenSeed.get().seed.length > 0;
}

/** Mixes 32 fresh bytes of `raw_rand` in; what was there before stays part of the seed. */
export function stirSeed(tables: GatewayTables, random: Uint8Array): void {
    const { seed, drawn } = tables.tokenSeed.get();
    const writer = new ByteWriter();
    writer.bytes(seed);
    writer.bytes(random);
    tables.tokenSeed.set({ seed: sha256(writer.finish()), drawn, spare: [] });
}

/** Unpredictable 64-bit fencing tokens: SHA-256 over the secret seed and a counter that never repeats. */
export function drawTokens(tables: GatewayTables, count: number): readonly bigint[] {
    const { seed, drawn, spare } = tables.tokenSeed.get();
    const tokens = [...spare];
    let block = drawn;
    while (tokens.length < count) tokens.push(...tokensOfBlock(seed, block++));
    tables.tokenSeed.set({ seed, drawn: block, spare: tokens.slice(count) });
    return tokens.slice(0, count);
}

/** Tokens that were drawn and not given out are as good as new. */
export function returnTokens(tables: GatewayTables, unspent: readonly bigint[]): void {
    if (unspent.length === 0) return;
    const { seed, drawn, spare } = tables.tokenSeed.get();
    tables.tokenSeed.set({ seed, drawn, spare: [...unspent, ...spare] });
}

function tokensOfBlock(seed: Uint8Array, block: bigint): readonly bigint[] {
    const writer = new ByteWriter();
    writer.bytes(seed);
    writer.u64(block);
    const digest = sha256(writer.finish());
    const view = new DataView(digest.buffer, digest.byteOffset);
    return Array.from({ length: TOKENS_PER_HASH }, (_, index) => view.getBigUint64(index * 8));
}
