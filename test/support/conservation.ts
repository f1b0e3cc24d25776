/** The books of the ledger told once more: balances replayed from the log, compared with what the ledger says. */
import { Principal } from '@dfinity/principal';
import { accountKey, toCandidAccount, type Account } from '../../src/core/account';
import { toHex } from '../../src/core/bytes';
import type { _SERVICE as TokenService } from '../../src/declarations/token_icrc1';

/** The queries that the audit asks; any actor that has them will do. */
export interface AuditedLedger {
    get_transactions(range: { start: bigint; length: bigint }): ReturnType<TokenService['get_transactions']>;
    icrc1_balance_of(account: Account & { subaccount: [] | [Uint8Array] }): Promise<bigint>;
    icrc1_total_supply(): Promise<bigint>;
}

type Transaction = Awaited<ReturnType<TokenService['get_transactions']>>['transactions'][number];
type CandidAccount = NonNullable<Transaction['mint'][0]>['to'];

export interface Audit {
    readonly minted: bigint;
    /** Fees and burns. */
    readonly burned: bigint;
    readonly sumOfBalances: bigint;
    readonly supply: bigint;
    /** Accounts whose balance on the ledger is not what the log says. */
    readonly mismatches: readonly string[];
}

const PAGE = 200n;

/**
 * Replays the whole log. The caller asserts `sumOfBalances + burned = minted` and that nothing mismatches. On a ledger that
 * is in use, an audit during which a block came is begun again.
 */
export async function auditLedger(ledger: AuditedLedger): Promise<Audit> {
    for (;;) {
        const { audit, blocks } = await auditOnce(ledger);
        const { log_length: now } = await ledger.get_transactions({ start: 0n, length: 0n });
        if (now === blocks) return audit;
    }
}

/** The memos of all transfers and burns in the log, in hexadecimal: what is in two blocks was executed twice. */
export async function memosOf(ledger: Pick<AuditedLedger, 'get_transactions'>): Promise<readonly string[]> {
    const memos: string[] = [];
    const { log_length: length } = await ledger.get_transactions({ start: 0n, length: 0n });
    for (let start = 0n; start < length; start += PAGE) {
        const { transactions } = await ledger.get_transactions({ start, length: PAGE });
        for (const { transfer, burn } of transactions) {
            const [memo] = (transfer[0] ?? burn[0])?.memo ?? [];
            if (memo !== undefined) memos.push(toHex(Uint8Array.from(memo)));
        }
    }
    return memos;
}

async function auditOnce(ledger: AuditedLedger): Promise<{ audit: Audit; blocks: bigint }> {
    const books = new Replay();
    let blocks = 0n;
    for (let start = 0n; start === 0n || start < blocks; start += PAGE) {
        const page = await ledger.get_transactions({ start, length: PAGE });
        for (const transaction of page.transactions) books.apply(transaction);
        blocks = page.log_length;
    }
    const mismatches: string[] = [];
    let sumOfBalances = 0n;
    for (const { account, balance } of books.accounts()) {
        const stored = await ledger.icrc1_balance_of(toCandidAccount(account) as never);
        sumOfBalances += stored;
        if (stored !== balance) mismatches.push(`${account.owner.toText()}: ${stored} instead of ${balance}`);
    }
    const supply = await ledger.icrc1_total_supply();
    return { audit: { minted: books.minted, burned: books.burned, sumOfBalances, supply, mismatches }, blocks };
}

class Replay {
    minted = 0n;
    burned = 0n;
    private readonly balances = new Map<string, { account: Account; balance: bigint }>();

    apply({ mint: [mint], burn: [burn], transfer: [transfer], approve: [approve] }: Transaction): void {
        if (mint !== undefined) {
            this.minted += mint.amount;
            this.add(mint.to, mint.amount);
        }
        if (burn !== undefined) {
            this.burned += burn.amount;
            this.add(burn.from, -burn.amount);
        }
        if (transfer !== undefined) {
            this.add(transfer.from, -transfer.amount);
            this.add(transfer.to, transfer.amount);
            this.burnFee(transfer.from, transfer.fee);
        }
        if (approve !== undefined) this.burnFee(approve.from, approve.fee);
    }

    accounts(): Iterable<{ account: Account; balance: bigint }> {
        return this.balances.values();
    }

    private burnFee(payer: CandidAccount, [fee]: [] | [bigint]): void {
        this.burned += fee ?? 0n;
        this.add(payer, -(fee ?? 0n));
    }

    private add(candid: CandidAccount, amount: bigint): void {
        const account = {
            owner: Principal.fromUint8Array(candid.owner.toUint8Array()),
            subaccount: candid.subaccount[0] && Uint8Array.from(candid.subaccount[0])
        };
        const key = toHex(accountKey.encode(account));
        const entry = this.balances.get(key) ?? { account, balance: 0n };
        this.balances.set(key, { account, balance: entry.balance + amount });
    }
}
