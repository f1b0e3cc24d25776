import type { IC0, Ic0Name } from '../../wasm/ic0';
import type { Execution } from './execution';

/** `P` and `i` arrive as non-negative numbers, `l` and `E` as unsigned bigints. */
type Value<Letter extends string> = Letter extends 'l' | 'E' ? bigint : number;
type Arguments<Letters extends string> = Letters extends `${infer First}${infer Rest}`
    ? [Value<First>, ...Arguments<Rest>]
    : [];
type Result<Letters extends string> = Letters extends '' ? void : Value<Letters>;

type Implementation<Signature extends string> = Signature extends `${infer Params}>${infer Results}`
    ? (x: Execution, ...args: Arguments<Params>) => Result<Results>
    : never;

/** One implementation for each System API function, typed by its wasm signature. */
export type Handlers = { readonly [Name in Ic0Name]: Implementation<(typeof IC0)[Name]> };

/** Declares a group of implementations. */
export function group<Names extends Ic0Name>(handlers: Pick<Handlers, Names>): Pick<Handlers, Names> {
    return handlers;
}
