import type { Identity } from '@dfinity/agent';
import type { Principal } from '@dfinity/principal';
import { E8S_PER_EMC, LEDGER_FEE_E8S } from '../../core/amount';
import type { Keys } from './keys';
import { VALIDATORS } from './keys';
import type { LocalSuite } from './local_suite';

/** What each wallet of the local network gets from the public allocation, in EMC. */
const GRANTS: readonly (readonly [name: keyof Keys, emc: bigint])[] = [
    ['operator', 4_200_000n],
    ['provider', 200_000n],
    ['user', 1_000n],
    ...VALIDATORS.map((name) => [name, 150n] as const)
];

/** The deployer hands out EMC; answers how much in all. */
export async function fundWallets(suite: LocalSuite, keys: Keys): Promise<bigint> {
    const ledger = await suite.ledger(keys.deployer);
    let total = 0n;
    for (const [name, emc] of GRANTS) {
        const owner = keys[name].getPrincipal();
        await ledger.transfer({ to: { owner, subaccount: [] }, amount: emc * E8S_PER_EMC });
        total += emc * E8S_PER_EMC;
    }
    return total;
}

/** ICRC-2: lets a canister pull an amount and the ledger fee of one transfer. */
export async function approve(
    suite: LocalSuite,
    owner: Identity,
    spender: Principal,
    amountE8s: bigint
): Promise<void> {
    const ledger = await suite.ledger(owner);
    await ledger.approve({ spender: { owner: spender, subaccount: [] }, amount: amountE8s + LEDGER_FEE_E8S });
}
