import { INITIAL } from '../../../core/sha256';
import { ROUND_CONSTANTS } from '../../../core/sha256_rounds';

const ROUNDS = 64;
const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
const AXES = ['x', 'y', 'z', 'w'];

const rotate = (x: string, by: number): string => `((${x} >> ${by}u) | (${x} << ${32 - by}u))`;
const hex = (word: number): string => `0x${(word >>> 0).toString(16)}u`;

/** Word t of the schedule: one of 16 variables, computed in place from the 17th on (FIPS 180-4 §6.2.2). */
function scheduled(t: number): string {
    const w = (back: number): string => `w${(t + back) % 16}`;
    if (t < 16) return '';
    const lower0 = `(${rotate(w(1), 7)} ^ ${rotate(w(1), 18)} ^ (${w(1)} >> 3u))`;
    const lower1 = `(${rotate(w(14), 17)} ^ ${rotate(w(14), 19)} ^ (${w(14)} >> 10u))`;
    return `${w(0)} += ${lower0} + ${w(9)} + ${lower1};`;
}

/** Round t over working variables that rotate by name instead of by value. */
function round(t: number): string {
    const name = (i: number): string => NAMES[(i - (t % 8) + 8) % 8] ?? '';
    const [a, b, c, d, e, f, g, h] = [name(0), name(1), name(2), name(3), name(4), name(5), name(6), name(7)];
    const upper1 = `(${rotate(e, 6)} ^ ${rotate(e, 11)} ^ ${rotate(e, 25)})`;
    const upper0 = `(${rotate(a, 2)} ^ ${rotate(a, 13)} ^ ${rotate(a, 22)})`;
    const choice = `(${g} ^ (${e} & (${f} ^ ${g})))`;
    const majority = `((${a} & ${b}) | (${c} & (${a} | ${b})))`;
    return `${scheduled(t)}
    ${h} += ${upper1} + ${choice} + ${hex(ROUND_CONSTANTS[t] ?? 0)} + w${t % 16};
    ${d} += ${h};
    ${h} += ${upper0} + ${majority};`;
}

const word = (i: number, of: string): string => `${of}.${i < 4 ? 'low' : 'high'}.${AXES[i % 4]}`;
const initial = INITIAL.map(hex);

/** SHA-256 of words, unrolled so that no array is indexed by a variable, which drivers would keep in memory. */
export const SHA256_WGSL = /* wgsl */ `
const INITIAL = Digest(vec4u(${initial.slice(0, 4).join(', ')}), vec4u(${initial.slice(4).join(', ')}));

fn compress(s: Digest, left: Digest, right: Digest) -> Digest {
    ${NAMES.map((name, i) => `var ${name} = ${word(i, 's')};`).join(' ')}
    ${Array.from({ length: 16 }, (_, i) => `var w${i} = ${word(i % 8, i < 8 ? 'left' : 'right')};`).join(' ')}
    ${Array.from({ length: ROUNDS }, (_, t) => round(t)).join('\n    ')}
    return Digest(s.low + vec4u(a, b, c, d), s.high + vec4u(e, f, g, h));
}

/** The block after a message of whole blocks: a one, zeros, and the message's length in bits. */
fn padded(s: Digest, bits: u32) -> Digest {
    return compress(s, Digest(vec4u(0x80000000u, 0, 0, 0), vec4u()), Digest(vec4u(), vec4u(0, 0, 0, bits)));
}

fn parent(left: Digest, right: Digest) -> Digest {
    return padded(compress(INITIAL, left, right), 512u);
}
`;
