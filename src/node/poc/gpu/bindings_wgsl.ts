/**
 * What the kernels share: buffers and sizes. Digests are eight words, as SHA-256 computes with them. `a` and `b` are
 * declared where they are used, since the generator writes words and the product reads four at a time.
 */
export const BINDINGS_WGSL = /* wgsl */ `
override WORDS: u32;  // D / 4
override ROWS: u32;   // m

struct Digest { low: vec4u, high: vec4u }

struct Chain {
    key: Digest,                  // of the round at hand
    head: array<u32, 12>,         // label and node seed in front of every round's key
    round: u32,                   // rounds done
    batch: u32,                   // roots written since the host read them
    peaks: array<Digest, 25>,
}

@group(0) @binding(0) var<storage, read_write> chain: Chain;
@group(0) @binding(3) var<storage, read> constants: array<vec4u>;
@group(0) @binding(4) var<storage, read_write> folds: array<atomic<u32>>;
@group(0) @binding(5) var<storage, read_write> nodes: array<Digest>;
@group(0) @binding(6) var<storage, read_write> roots: array<Digest>;
`;
