import { formatAmount } from '../../core/amount';
import { NS_PER_MS } from '../../core/clock';
import type { Print } from '../print';
import { toJson } from '../start/outcome';
import { shortOf } from './keys';
import { isLive, keysOf, openWallet, type UserOptions } from './wallet';

export interface UserStatusOptions extends UserOptions {
    /** One line of JSON instead of a table. */
    readonly json?: boolean;
}

type Status = Awaited<ReturnType<typeof gather>>;

/** Prints the wallet's EMC, its credits and its keys, and what to do next. */
export async function printUserStatus(options: UserStatusOptions, print: Print): Promise<void> {
    const status = await gather(options);
    if (options.json) return print(toJson(status));
    print(`Wallet   ${status.wallet}`);
    print(`Balance  ${formatAmount(status.balance_e8s)} EMC`);
    print(`Credits  ${status.available} available, ${status.held} held for calls under way, ${status.spent} spent`);
    print(`Price    ${formatAmount(status.credit_price_e8s)} EMC a credit`);
    for (const { hash, label, spent, held, max, created } of status.keys) {
        const limit = max === undefined ? '' : ` of ${max}`;
        print(`Key      ${hash} "${label}": ${spent}${limit} credits spent, ${held} held, since ${created}`);
    }
    print(`Next: ${nextStep(status)}`);
}

async function gather(options: UserOptions) {
    const { user } = await openWallet(options);
    const { hub, token_icrc1: ledger } = user.canisters;
    const [account, settings, keys, balance] = await Promise.all([
        hub.get_account(user.principal),
        hub.get_settings(),
        keysOf(hub),
        ledger.icrc1_balance_of({ owner: user.principal, subaccount: [] })
    ]);
    return {
        wallet: user.principal.toText(),
        balance_e8s: balance,
        available: account.available,
        held: account.held,
        spent: account.spent,
        credit_price_e8s: settings.credit_price_e8s,
        keys: keys.filter(isLive).map((key) => ({
            hash: shortOf(key.key_hash),
            label: key.label,
            spent: key.spent_credits,
            held: key.held_credits,
            max: key.limits.max_credits[0],
            created: new Date(Number(key.created_at_ns / NS_PER_MS)).toISOString()
        }))
    };
}

function nextStep({ available, keys }: Status): string {
    if (available === 0n) return 'emc user buy CREDITS';
    return keys.length === 0 ? 'emc user key' : 'any OpenAI client with one of these keys';
}
