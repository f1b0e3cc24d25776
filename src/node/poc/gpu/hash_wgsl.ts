import { BINDINGS_WGSL } from './bindings_wgsl';
import { SHA256_WGSL } from './sha256_wgsl';

/** One thread per leaf: 64 folds are 8 blocks. */
export const LEAVES_WGSL = /* wgsl */ `
${BINDINGS_WGSL}
${SHA256_WGSL}
fn four(at: u32) -> vec4u {
    return vec4u(atomicLoad(&folds[at]), atomicLoad(&folds[at + 1]), atomicLoad(&folds[at + 2]), atomicLoad(&folds[at + 3]));
}

@compute @workgroup_size(64)
fn leaves(@builtin(global_invocation_id) id: vec3u) {
    if (id.x >= ROWS / 64) { return; }
    var state = INITIAL;
    for (var block = 0u; block < 8u; block++) {
        let at = id.x * 128 + block * 16;
        state = compress(state, Digest(four(at), four(at + 4)), Digest(four(at + 8), four(at + 12)));
    }
    nodes[id.x] = padded(state, 4096u);
}
`;

/**
 * One workgroup: the tree over the leaves, then its root into the chain, then the key of the next round. So the device goes
 * from round to round without the host.
 */
export const CHAIN_WGSL = /* wgsl */ `
${BINDINGS_WGSL}
${SHA256_WGSL}
/** Word i of the message that the next key is the digest of: head, number of the round, peaks, padding. */
fn messageWord(i: u32, words: u32, blocks: u32) -> u32 {
    if (i < 12) { return chain.head[i]; }
    if (i == 13) { return chain.round; }
    if (i >= 14 && i < words) {
        let at = i - 14;
        if (at % 8 < 4) { return chain.peaks[at / 8].low[at % 4]; }
        return chain.peaks[at / 8].high[at % 4];
    }
    if (i == words) { return 0x80000000u; }
    return select(0u, words * 32, i == blocks * 16 - 1);
}

fn makeKey(peaks: u32) {
    let words = 14 + 8 * peaks;
    let blocks = (words + 3 + 15) / 16;
    var state = INITIAL;
    for (var block = 0u; block < blocks; block++) {
        var m: array<vec4u, 4>;
        for (var i = 0u; i < 16u; i++) { m[i / 4][i % 4] = messageWord(block * 16 + i, words, blocks); }
        state = compress(state, Digest(m[0], m[1]), Digest(m[2], m[3]));
    }
    chain.key = state;
}

fn append(root: Digest) {
    var node = root;
    var count = chain.round;
    var peaks = countOneBits(count);
    while ((count & 1u) == 1u) {
        peaks -= 1;
        node = parent(chain.peaks[peaks], node);
        count >>= 1;
    }
    chain.peaks[peaks] = node;
    roots[chain.batch] = root;
    chain.batch += 1;
    chain.round += 1;
    makeKey(peaks + 1);
}

@compute @workgroup_size(256)
fn advance(@builtin(local_invocation_index) index: u32) {
    var first = 0u;
    for (var count = ROWS / 64; count > 1; count /= 2) {
        for (var i = index; i < count / 2; i += 256u) {
            nodes[first + count + i] = parent(nodes[first + 2 * i], nodes[first + 2 * i + 1]);
        }
        storageBarrier();
        first += count;
    }
    if (index == 0) { append(nodes[first]); }
}
`;
