/** The books of one token: balances, allowances and blocks, under the rules of ICRC-1 and ICRC-2. */
import { hasDefaultSubaccount } from './accounts';
import {
    booked,
    failed,
    party,
    type Allowance,
    type Annotation,
    type ApproveFailure,
    type ApproveOrder,
    type Block,
    type Booked,
    type BurnFailure,
    type BurnOrder,
    type Case,
    type InsufficientAllowance,
    type InsufficientFunds,
    type Operation,
    type Party,
    type SpendFailure,
    type TokenRules,
    type TransferFailure,
    type TransferOrder
} from './book_types';
import { Deduplicator } from './deduplication';

/** Public keys hash to principals of 29 bytes that end in 2. */
const selfAuthenticatingBytes = 29;
const selfAuthenticatingTag = 2;

type OrderKind = 'transfer' | 'burn' | 'approve';
/** The common ground of all orders. */
type AnyOrder = BurnOrder &
    Partial<Pick<TransferOrder, 'to' | 'fee' | 'spender'> & Pick<ApproveOrder, 'expectedAllowance' | 'expiresAtNs'>>;

const noAllowance: Allowance = { amount: 0n };

/** The state of the books: can be cloned and serialized. */
export interface BookImage {
    readonly balances: ReadonlyMap<string, bigint>;
    readonly allowances: ReadonlyMap<string, Allowance>;
    readonly welcomed: ReadonlySet<string>;
    readonly blocks: readonly Block[];
    readonly seen: ReturnType<Deduplicator['save']>;
    readonly supply: bigint;
}

/** Accounts, allowances and blocks of a native ledger. */
export class TokenBook {
    readonly #balances = new Map<string, bigint>();
    readonly #allowances = new Map<string, Allowance>();
    /** Accounts that have drawn their gift from the faucet. */
    readonly #welcomed = new Set<string>();
    readonly #blocks: Block[] = [];
    readonly #deduplicator = new Deduplicator();
    readonly #minter: Party | undefined;
    #supply = 0n;

    /** With an image the books go on where the image was taken; the genesis of the rules is over then. */
    constructor(
        readonly rules: TokenRules,
        image?: BookImage
    ) {
        this.#minter = rules.mintingAccount && party(rules.mintingAccount);
        if (image === undefined) this.#begin(rules);
        else this.#restore(image);
    }

    #begin({ genesis, genesisNs = 0n }: TokenRules): void {
        for (const [account, amount] of genesis) {
            const to = party(account);
            this.#welcomed.add(to.key);
            this.mint(to, amount, {}, genesisNs);
        }
    }

    #restore({ balances, allowances, welcomed, blocks, seen, supply }: BookImage): void {
        for (const [key, balance] of balances) this.#balances.set(key, balance);
        for (const [key, allowance] of allowances) this.#allowances.set(key, allowance);
        for (const key of welcomed) this.#welcomed.add(key);
        this.#blocks.push(...blocks);
        this.#deduplicator.load(seen);
        this.#supply = supply;
    }

    /** Everything, as plain data. */
    image(): BookImage {
        return {
            balances: this.#balances,
            allowances: this.#allowances,
            welcomed: this.#welcomed,
            blocks: this.#blocks,
            seen: this.#deduplicator.save(),
            supply: this.#supply
        };
    }

    get supply(): bigint {
        return this.#supply;
    }

    get length(): bigint {
        return BigInt(this.#blocks.length);
    }

    block(index: bigint): Block | undefined {
        return this.#blocks[Number(index)];
    }

    /** Blocks from `start` on, `length` at most. */
    blocks(start: bigint, length: bigint): readonly Block[] {
        return this.#blocks.slice(Number(start), Number(start + length));
    }

    balance(of: Party): bigint {
        return (this.#balances.get(of.key) ?? 0n) + this.#gift(of);
    }

    /** What `spender` may still take from `from`; an expired allowance is none. */
    allowance(from: Party, spender: Party, nowNs: bigint): Allowance {
        const allowance = this.#allowances.get(allowanceKey(from, spender)) ?? noAllowance;
        const { expiresAtNs } = allowance;
        return expiresAtNs !== undefined && expiresAtNs <= nowNs ? noAllowance : allowance;
    }

    /** What a transfer between these would be called, when the minting account is one of them. */
    mintsOrBurns(from: Party, to: Party): 'minting' | 'burning' | undefined {
        if (this.#isMinter(from)) return 'minting';
        return this.#isMinter(to) ? 'burning' : undefined;
    }

    /** ICRC-1 transfer; to or from the minting account it burns or mints. */
    transfer(order: TransferOrder): Booked<TransferFailure> {
        const refusal = this.#refusal(order);
        return refusal === undefined ? this.#perform(order) : failed(refusal);
    }

    /** ICRC-2 transfer on an allowance. A spender may always spend its own. */
    transferFrom(order: TransferOrder & { readonly spender: Party }): Booked<SpendFailure> {
        const refusal = this.#refusal(order);
        if (refusal !== undefined) return failed(refusal);
        const cost = order.amount + this.#feeOf(order);
        const overspent = this.#spend(order.from, order.spender, order, cost);
        return overspent === undefined ? this.#perform(order) : failed(overspent);
    }

    /** ICRC-2 approval: replaces the allowance. */
    approve(order: ApproveOrder): Booked<ApproveFailure> {
        const refusal = this.#approvalRefusal(order);
        if (refusal !== undefined) return failed(refusal);
        const { from, spender, expectedAllowance, expiresAtNs, nowNs } = order;
        const { fee, maxAmount } = this.rules;
        const amount = order.amount < maxAmount ? order.amount : maxAmount;
        this.#welcome(from, nowNs);
        this.#debit(from, fee);
        this.#supply -= fee;
        this.#setAllowance(from, spender, { amount, expiresAtNs });
        return this.#record('approve', order, {
            kind: 'approve',
            from,
            spender,
            amount,
            fee,
            expectedAllowance,
            expiresAtNs
        });
    }

    /** Brings tokens into being; returns the block's index. */
    mint(to: Party, amount: bigint, annotation: Annotation, nowNs: bigint): bigint {
        this.#welcome(to, nowNs);
        this.#credit(to, amount);
        this.#supply += amount;
        return this.#append({ ...annotation, operation: { kind: 'mint', to, amount }, timestampNs: nowNs });
    }

    /** Destroys tokens and the fee on top. */
    burn(order: BurnOrder): Booked<BurnFailure> {
        const refusal = this.#burnRefusal(order);
        return refusal === undefined ? this.#burn(order) : failed(refusal);
    }

    /** As `burn`, on an allowance. */
    burnFrom(order: BurnOrder & { readonly spender: Party }): Booked<BurnFailure | InsufficientAllowance> {
        const refusal =
            this.#burnRefusal(order) ?? this.#spend(order.from, order.spender, order, order.amount + this.rules.fee);
        return refusal === undefined ? this.#burn(order) : failed(refusal);
    }

    #burnRefusal(order: BurnOrder): BurnFailure | undefined {
        return (
            this.#deduplicator.check(orderKey('burn', order), order.createdAtNs, order.nowNs) ??
            this.#shortage(order.from, order.amount + this.rules.fee)
        );
    }

    #burn(order: BurnOrder & { readonly spender?: Party }): Case<'Ok', bigint> {
        const { from, amount, spender, nowNs } = order;
        const { fee } = this.rules;
        this.#welcome(from, nowNs);
        this.#debit(from, amount + fee);
        this.#supply -= amount + fee;
        return this.#record('burn', order, { kind: 'burn', from, amount, fee, spender });
    }

    #refusal(order: TransferOrder): TransferFailure | undefined {
        const fee = this.#feeOf(order);
        if (order.fee !== undefined && order.fee !== fee) return { kind: 'BadFee', value: { expected_fee: fee } };
        const key = orderKey('transfer', order);
        const time = this.#deduplicator.check(key, order.createdAtNs, order.nowNs);
        if (time !== undefined) return time;
        const tooSmall = this.#isMinter(order.to) ? this.#burnTooSmall(order) : undefined;
        if (tooSmall !== undefined) return tooSmall;
        return this.#isMinter(order.from) ? undefined : this.#shortage(order.from, order.amount + fee);
    }

    /** At least the fee is burnt, or all that there is, if that is less. */
    #burnTooSmall({ from, amount }: TransferOrder): TransferFailure | undefined {
        const { fee } = this.rules;
        const balance = this.balance(from);
        const least = balance < fee ? balance : fee;
        if (amount >= least && amount > 0n) return undefined;
        return { kind: 'BadBurn', value: { min_burn_amount: amount > 0n ? least : fee } };
    }

    #approvalRefusal(order: ApproveOrder): ApproveFailure | undefined {
        const { from, spender, nowNs, expectedAllowance, expiresAtNs } = order;
        const { fee } = this.rules;
        if (order.fee !== undefined && order.fee !== fee) return { kind: 'BadFee', value: { expected_fee: fee } };
        const key = orderKey('approve', order);
        const time = this.#deduplicator.check(key, order.createdAtNs, nowNs);
        if (time !== undefined) return time;
        const current = this.allowance(from, spender, nowNs).amount;
        if (expectedAllowance !== undefined && expectedAllowance !== current) {
            return { kind: 'AllowanceChanged', value: { current_allowance: current } };
        }
        if (expiresAtNs !== undefined && expiresAtNs <= nowNs) {
            return { kind: 'Expired', value: { ledger_time: nowNs } };
        }
        return this.#shortage(from, fee);
    }

    /** Minting and burning are free. */
    #feeOf({ from, to }: TransferOrder): bigint {
        return this.#isMinter(from) || this.#isMinter(to) ? 0n : this.rules.fee;
    }

    /** Takes a cost from an allowance. Who spends its own needs none. */
    #spend(
        from: Party,
        spender: Party,
        { nowNs }: { readonly nowNs: bigint },
        cost: bigint
    ): InsufficientAllowance | undefined {
        if (spender.key === from.key) return undefined;
        const allowance = this.allowance(from, spender, nowNs);
        if (allowance.amount < cost) {
            return { kind: 'InsufficientAllowance', value: { allowance: allowance.amount } };
        }
        this.#setAllowance(from, spender, { ...allowance, amount: allowance.amount - cost });
        return undefined;
    }

    #isMinter({ key }: Party): boolean {
        return key === this.#minter?.key;
    }

    #shortage(from: Party, needed: bigint): InsufficientFunds | undefined {
        const balance = this.balance(from);
        return balance < needed ? { kind: 'InsufficientFunds', value: { balance } } : undefined;
    }

    /** A checked transfer. */
    #perform(order: TransferOrder): Case<'Ok', bigint> {
        const { from, to, amount, spender, nowNs } = order;
        const fee = this.#feeOf(order);
        this.#welcome(from, nowNs);
        this.#welcome(to, nowNs);
        if (this.#isMinter(from)) {
            this.#credit(to, amount);
            this.#supply += amount;
            return this.#record('transfer', order, { kind: 'mint', to, amount });
        }
        this.#debit(from, amount + fee);
        if (this.#isMinter(to)) {
            this.#supply -= amount;
            return this.#record('transfer', order, { kind: 'burn', from, amount, spender });
        }
        this.#supply -= fee;
        this.#credit(to, amount);
        return this.#record('transfer', order, { kind: 'transfer', from, to, amount, fee, spender });
    }

    #record(kind: OrderKind, order: AnyOrder, operation: Operation): Case<'Ok', bigint> {
        const { memo, numericMemo, createdAtNs, nowNs } = order;
        const index = this.#append({ memo, numericMemo, createdAtNs, operation, timestampNs: nowNs });
        this.#deduplicator.remember(orderKey(kind, order), createdAtNs, index, nowNs);
        return booked(index);
    }

    #append(block: Block): bigint {
        this.#blocks.push(block);
        return this.length - 1n;
    }

    #setAllowance(from: Party, spender: Party, allowance: Allowance): void {
        const key = allowanceKey(from, spender);
        if (allowance.amount === 0n) this.#allowances.delete(key);
        else this.#allowances.set(key, allowance);
    }

    #credit(to: Party, amount: bigint): void {
        this.#set(to, this.balance(to) + amount);
    }

    /** The balance has been checked to suffice. */
    #debit(from: Party, amount: bigint): void {
        this.#set(from, this.balance(from) - amount);
    }

    #set({ key }: Party, balance: bigint): void {
        if (balance === 0n) this.#balances.delete(key);
        else this.#balances.set(key, balance);
    }

    /** The gift of the faucet becomes a block of the log, in front of the first one that the party is in: so the log explains every balance. */
    #welcome(newcomer: Party, nowNs: bigint): void {
        const gift = this.#gift(newcomer);
        if (gift === 0n) return;
        this.#welcomed.add(newcomer.key);
        this.mint(newcomer, gift, {}, nowNs);
    }

    #gift({ key, account }: Party): bigint {
        const { faucet = 0n } = this.rules;
        if (faucet === 0n || account === undefined || this.#welcomed.has(key)) return 0n;
        const { owner } = account;
        const isUser = owner.length === selfAuthenticatingBytes && owner.at(-1) === selfAuthenticatingTag;
        return isUser && hasDefaultSubaccount(account) ? faucet : 0n;
    }
}

function allowanceKey(from: Party, spender: Party): string {
    return `${from.key}/${spender.key}`;
}

/** Everything that the sender said: equal keys are equal transactions. */
function orderKey(kind: OrderKind, order: AnyOrder): string {
    const { from, to, spender, amount, fee, memo, numericMemo, createdAtNs, expectedAllowance, expiresAtNs } = order;
    const parties = [from.key, to?.key, spender?.key];
    const numbers = [amount, fee, numericMemo, createdAtNs, expectedAllowance, expiresAtNs];
    return [kind, ...parties, ...numbers, memo && Buffer.from(memo).toString('hex')].join('|');
}
