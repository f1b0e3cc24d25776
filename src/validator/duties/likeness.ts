import type { ReferenceAnswer, Vector } from '../ports';

/** Whether vectors are those of the reference, one by one: of its length, and as alike to it as an honest answer is. */
export function isAlike(vectors: readonly Vector[], { vectors: expected, leastCosine }: ReferenceAnswer): boolean {
    return (
        vectors.length === expected.length && expected.every((own, i) => cosine(own, vectors[i] ?? []) >= leastCosine)
    );
}

/** Cosine of the angle between two vectors; NaN, which is like nothing, where one is zero or they differ in length. */
export function cosine(a: Vector, b: Vector): number {
    if (a.length !== b.length) return NaN;
    const product = dot(a, b);
    return product / Math.sqrt(dot(a, a) * dot(b, b));
}

function dot(a: Vector, b: Vector): number {
    return a.reduce((sum, value, i) => sum + value * (b[i] ?? NaN), 0);
}
