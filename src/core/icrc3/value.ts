import type { Account } from '../account';

/** ICRC-3 `Value`, as @dfinity/candid represents it. */
export type Icrc3Value =
    | { Blob: Uint8Array | number[] }
    | { Text: string }
    | { Nat: bigint }
    | { Int: bigint }
    | { Array: Icrc3Value[] }
    | { Map: Icrc3Entry[] };

/** One entry of a `Map`; the order of entries means nothing. */
export type Icrc3Entry = [key: string, value: Icrc3Value];

/** An account as blocks spell it: the owner, then the subaccount exactly when the caller gave one. */
export function accountValue(account: Account): Icrc3Value {
    const owner: Icrc3Value = { Blob: account.owner.toUint8Array() };
    return { Array: account.subaccount === undefined ? [owner] : [owner, { Blob: account.subaccount }] };
}
