import type { Principal } from '@dfinity/principal';
import type { Account } from '../account';
import { SUBACCOUNT_BYTES } from '../account';
import { encodeUtf8 } from '../candid/utf8';
import type { PoolName } from './profile';

/**
 * Subaccounts of the rewards canister that are no genesis pools:
 * `payable` holds what claims pay from, `settlement` receives the money of the hub's windows.
 */
export type RewardsPurse = PoolName | 'payable' | 'settlement';

/** The subaccount of a purse: its name in ASCII, right-padded with zeros to 32 bytes. */
export function purseSubaccount(purse: RewardsPurse): Uint8Array {
    const subaccount = new Uint8Array(SUBACCOUNT_BYTES);
    subaccount.set(encodeUtf8(`pool:${purse}`));
    return subaccount;
}

/** The ledger account of a purse. */
export function purseAccount(rewards: Principal, purse: RewardsPurse): Account {
    return { owner: rewards, subaccount: purseSubaccount(purse) };
}
