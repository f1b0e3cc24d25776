/** What a ledger answers, all over its tables: to see that an upgrade changes nothing. */
import { createHash } from 'node:crypto';
import { account } from '../lib/money';
import type { LoadedLedger } from './loaded_ledger';
import { holder } from './rows';

const READER = holder(0);
/** Blocks and holders are looked at so far apart. */
const STRIDE = 997;

type Method = Parameters<LoadedLedger['message']>[0];

/** An upgrade changed what the ledger answers. */
export class AnswersChanged extends Error {
    constructor(readonly questions: readonly string[]) {
        super(`an upgrade changed the answers to ${questions.join(', ')}`);
        this.name = 'AnswersChanged';
    }
}

/** SHA-256 of the replies to queries of every kind; certificates are left out, because their time passes. */
export function pictureOf(ledger: LoadedLedger): ReadonlyMap<string, string> {
    const seen = new Map<string, string>();
    const look = (method: Method, ...args: readonly unknown[]): void => {
        const reply = ledger.network.query(ledger.message(method, args, READER));
        seen.set(`${method} #${seen.size}`, createHash('sha256').update(reply).digest('hex'));
    };
    const { accounts, blocks } = ledger.size;
    const general = ['icrc1_total_supply', 'icrc1_metadata', 'icrc1_minting_account', 'status', 'archives'] as const;
    for (const method of general) look(method);
    for (let at = 0; at < accounts; at += STRIDE) {
        const one = account(holder(at));
        look('icrc1_balance_of', one);
        look('icrc2_allowance', { account: one, spender: account(holder((at * 7 + 1) % accounts)) });
        look('icrc103_get_allowances', { from_account: [one], prev_spender: [], take: [] });
        look('get_account_transactions', { account: one, start: [], max_results: 100n });
    }
    for (let at = 0; at < blocks; at += 7 * STRIDE) {
        const start = BigInt(at);
        look('icrc3_get_blocks', [{ start, length: 20n }]);
        look('get_transactions', { start, length: 20n });
    }
    look('icrc3_get_blocks', [{ start: BigInt(blocks - 10), length: 100n }]);
    return seen;
}

/** @throws {@link AnswersChanged} */
export function checkSame(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): void {
    const changed = [...before].filter(([question, answer]) => after.get(question) !== answer);
    if (changed.length > 0) throw new AnswersChanged(changed.map(([question]) => question));
}
