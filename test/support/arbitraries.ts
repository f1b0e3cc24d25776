/** Values for property tests of stored rows. */
import { Principal } from '@dfinity/principal';
import fc from 'fast-check';

export const anyU64 = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
export const anyHash = fc.uint8Array({ minLength: 32, maxLength: 32 });
export const anyPrincipal = fc
    .uint8Array({ minLength: 0, maxLength: 29 })
    .map((bytes) => Principal.fromUint8Array(bytes));
export const anyText = fc.string({ maxLength: 40, unit: 'grapheme' });
export const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
    fc.option(arbitrary, { nil: undefined });

/** What two values of the same row have in common: principals compare by their text. */
export function plain(row: unknown): unknown {
    return JSON.parse(
        JSON.stringify(row, (_key, value: unknown) => {
            if (value instanceof Uint8Array) return [...value];
            return typeof value === 'bigint' ? `${value}` : value;
        })
    );
}
