import { BINDINGS_WGSL } from './bindings_wgsl';

const WARM_UP_BEFORE = 8;
const WARM_UP_AFTER = 12;
const CHUNK_WORDS = 16;
const EIGHT = [0, 1, 2, 3, 4, 5, 6, 7];

/** One thread per row: the words of A, word after word over all rows, so that neighbouring threads write to neighbours. */
export const GENERATE_WGSL = /* wgsl */ `
${BINDINGS_WGSL}
@group(0) @binding(1) var<storage, read_write> a: array<u32>;

fn step(s: vec4u) -> vec4u {
    let e = s.x - ((s.y << 27) | (s.y >> 5));
    let x = s.y ^ ((s.z << 17) | (s.z >> 15));
    return vec4u(x, s.z + s.w, s.w + e, e + x);
}

@compute @workgroup_size(64)
fn generate(@builtin(global_invocation_id) id: vec3u) {
    let row = id.x;
    let low = chain.key.low;
    let high = chain.key.high;
    var s = vec4u(0xf1ea5eedu ^ low.x, low.y ^ row, low.z ^ high.x, low.w);
    for (var i = 0; i < ${WARM_UP_BEFORE}; i++) { s = step(s); }
    s ^= vec4u(high.y, high.z, high.w, 0);
    for (var i = 0; i < ${WARM_UP_AFTER}; i++) { s = step(s); }
    for (var word = 0u; word < WORDS; word++) {
        s = step(s);
        a[word * ROWS + row] = s.w ^ 0x80808080u;
    }
    atomicStore(&folds[2 * row], 0u);
    atomicStore(&folds[2 * row + 1], 0u);
}
`;

/**
 * Tiles of 64 rows and 64 columns, 8 by 8 of them per thread, by dot products of four int8 pairs; then the folds of the tile's
 * rows, added to those of the other tiles.
 */
export const PRODUCT_WGSL = /* wgsl */ `
${BINDINGS_WGSL}
@group(0) @binding(1) var<storage, read_write> a: array<vec4u>;
@group(0) @binding(2) var<storage, read> b: array<vec4u>;

var<workgroup> tileA: array<vec4u, ${CHUNK_WORDS * 16}>;
var<workgroup> tileB: array<vec4u, ${CHUNK_WORDS * 16}>;
var<workgroup> lanes: array<atomic<u32>, 128>;

fn dots(x: u32, y: vec4u) -> vec4i {
    return vec4i(dot4I8Packed(x, y.x), dot4I8Packed(x, y.y), dot4I8Packed(x, y.z), dot4I8Packed(x, y.w));
}

fn mix(sums: vec4i, column: u32) -> vec4u {
    let y = bitcast<vec4u>(sums) + constants[column];
    return y ^ (y >> vec4u(15));
}

fn total(v: vec4u) -> u32 { return v.x + v.y + v.z + v.w; }
fn turned(v: vec4u) -> vec4u { return (v << vec4u(16)) | (v >> vec4u(16)); }

fn fold(row: u32, low: vec4i, high: vec4i, column: u32) {
    let x = mix(low, column);
    let y = mix(high, column + 1);
    atomicAdd(&lanes[2 * row], total(x) + total(y));
    atomicAdd(&lanes[2 * row + 1], total(turned(x)) + total(turned(y)));
}

@compute @workgroup_size(8, 8)
fn multiply(
    @builtin(workgroup_id) tile: vec3u,
    @builtin(local_invocation_id) local: vec3u,
    @builtin(local_invocation_index) index: u32
) {
    ${EIGHT.map((i) => `var l${i} = vec4i(); var h${i} = vec4i();`).join('\n    ')}
    atomicStore(&lanes[2 * index], 0u);
    atomicStore(&lanes[2 * index + 1], 0u);
    for (var first = 0u; first < WORDS; first += ${CHUNK_WORDS}u) {
        for (var i = index; i < ${CHUNK_WORDS * 16}u; i += 64u) {
            let word = first + i / 16;
            tileA[i] = a[word * (ROWS / 4) + tile.y * 16 + i % 16];
            tileB[i] = b[word * WORDS + tile.x * 16 + i % 16];
        }
        workgroupBarrier();
        for (var word = 0u; word < ${CHUNK_WORDS}u; word++) {
            let a0 = tileA[word * 16 + local.y * 2];
            let a1 = tileA[word * 16 + local.y * 2 + 1];
            let b0 = tileB[word * 16 + local.x * 2];
            let b1 = tileB[word * 16 + local.x * 2 + 1];
            ${EIGHT.map((i) => {
                const x = `a${i >> 2}.${'xyzw'[i & 3]}`;
                return `l${i} += dots(${x}, b0); h${i} += dots(${x}, b1);`;
            }).join('\n            ')}
        }
        workgroupBarrier();
    }
    let column = tile.x * 16 + local.x * 2;
    ${EIGHT.map((i) => `fold(local.y * 8 + ${i}, l${i}, h${i}, column);`).join('\n    ')}
    workgroupBarrier();
    let row = tile.y * 64 + index;
    atomicAdd(&folds[2 * row], atomicLoad(&lanes[2 * index]));
    atomicAdd(&folds[2 * row + 1], atomicLoad(&lanes[2 * index + 1]));
}
`;
