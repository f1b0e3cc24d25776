import { IDL } from 'azle';

/** A Candid variant whose arms carry no data, as @dfinity/candid represents it. */
export type Tag<Name extends string> = { [N in Name]: { [K in N]: null } }[Name];
export type Opt<T> = [] | [T];

/** A variant of names. */
export function tags(names: readonly string[]): IDL.VariantClass {
    return IDL.Variant(Object.fromEntries(names.map((name) => [name, IDL.Null])));
}
