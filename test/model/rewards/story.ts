/** One story of the model: the steps as they are carried out, and what must be true between and after them. */
import { auditPage, beginAudit } from '../../../canisters/rewards/domain/audit/audit';
import type { AirdropOrder } from '../../../canisters/rewards/domain/airdrops/airdrop_rows';
import type { ProposalAction } from '../../../canisters/rewards/domain/governance/governance_rows';
import { holderAccount } from '../../../canisters/rewards/domain/holders/holders';
import { castVote, submitProposal } from '../../../canisters/rewards/domain/governance/proposals';
import { PURSES, purseOf } from '../../../canisters/rewards/domain/treasury/purses';
import { setDispute, slash } from '../../../canisters/rewards/domain/stakes/slashing';
import { stakeAccount } from '../../../canisters/rewards/domain/stakes/stake_book';
import { renewStake } from '../../../canisters/rewards/domain/stakes/stake_terms';
import type { TransferRow } from '../../../canisters/rewards/domain/state';
import { accountToText, type Account } from '../../../src/core/account';
import { E8S_PER_EMC } from '../../../src/core/amount';
import { purseAccount } from '../../../src/core/tokenomics/pools';
import type { TokenomicsProfile } from '../../../src/core/tokenomics/profile';
import { debitOf } from '../../../src/core/transfer_intents';
import { AIRDROP_ENTRIES, HOLDERS, NODES, VALIDATOR_NODE, WALLETS, type Step } from './steps';
import { accountOf, expectOk, principalOf, World } from './world';

const MINUTE_NS = 60_000_000_000n;
const E = 2_000_000n;
const STAKE = 2_000_000_000n;
const VALIDATOR_STAKE = 1_000_000n * E8S_PER_EMC;

const STAKER = accountOf(70);
const VALIDATOR = accountOf(71);
const PAYEE = accountOf(60);
const holderOf = (n: number): Account => accountOf(80 + n);
const walletOf = (n: number): Account => accountOf(100 + n);
const airdropTo = (n: number): Account => accountOf(120 + n);

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/**
 * All amounts of one purse differ: two payments of the same amount that are both lost for more than a day, of which one
 * happened, could not be told apart (docs/decisions/0009).
 */
export class Story {
    readonly world: World;
    private versions = 0n;
    private cases = 0n;
    /** What came from outside, by account. */
    private readonly funded = new Map<string, bigint>();
    private moneyE8s = 0n;

    constructor(profile: TokenomicsProfile, firstRound: bigint) {
        this.world = new World(profile, 1n);
        while (this.world.state.settlements.length() < firstRound) this.settle([], []);
        for (let n = 1; n <= NODES; n++) this.world.putNode(n, { e: E });
        this.world.putNode(VALIDATOR_NODE, { class: 'validator', wallet: walletOf(0) });
        this.fund(STAKER, 100_000_000_000n);
        this.fund(VALIDATOR, 2n * VALIDATOR_STAKE);
        for (const n of range(HOLDERS)) this.fund(holderOf(n), 100_000n * E8S_PER_EMC);
        this.stake(VALIDATOR_NODE, true);
        this.world.nowNs += 1n;
    }

    private fund(account: Account, amountE8s: bigint): void {
        const key = accountToText(account);
        this.funded.set(key, (this.funded.get(key) ?? 0n) + amountE8s);
        this.world.ledger.fund(account, amountE8s);
    }

    run(step: Step): void {
        switch (step.kind) {
            case 'settle':
                return this.settle(step.weights, step.prices);
            case 'bind':
            case 'request':
            case 'pay':
            case 'cancel':
                return this.claimStep(step);
            case 'hold':
            case 'withdraw':
                return this.holderStep(step);
            case 'propose':
            case 'govern':
            case 'claim_airdrop':
                return this.governanceStep(step);
            case 'gift':
                return this.fund(purseAccount(this.world.self, step.purse), BigInt(step.e8s));
            case 'observe':
                return this.world.observeAll();
            case 'tick': {
                const faults = [...step.faults];
                return this.world.tick(() => faults.shift() ?? 'none');
            }
            case 'wait':
                this.world.nowNs += BigInt(step.minutes) * MINUTE_NS;
                return;
            default:
                return this.stakeStep(step);
        }
    }

    private claimStep(step: Extract<Step, { kind: 'bind' | 'request' | 'pay' | 'cancel' }>): void {
        const { world } = this;
        const claims = world.state.claims.length();
        if (step.kind === 'bind') {
            this.versions += 1n;
            world.putNode(step.node, { wallet: walletOf(step.wallet), e: E, version: 1n + this.versions });
        } else if (step.kind === 'request') {
            world.request(walletOf(step.wallet), step.part ? 150_000_000n : undefined);
        } else if (step.kind === 'pay') {
            world.pay(fromNewest(claims, step.claim), step.fault);
        } else {
            for (const n of range(WALLETS)) world.cancel(fromNewest(claims, step.claim), walletOf(n).owner);
        }
    }

    private stakeStep(step: Extract<Step, { node: number }>): void {
        const { world } = this;
        const node = principalOf(step.node);
        const staker = step.node === VALIDATOR_NODE ? VALIDATOR : STAKER;
        switch (step.kind) {
            case 'stake':
                return this.stake(step.node, step.approved, step.fault);
            case 'release':
                world.release(node, step.fault);
                return;
            case 'top_up':
                world.ledger.approve(staker, world.self, step.approved ? VALIDATOR_STAKE : 0n);
                world.topUp({ node, staker, amountE8s: E8S_PER_EMC }, step.fault);
                return;
            case 'renew':
                renewStake(world.state, node, step.node === VALIDATOR_NODE ? 180n : 7n, staker.owner, world.nowNs);
                return;
            case 'dispute':
            case 'undispute':
                setDispute(world.state, node, 1n, step.kind === 'dispute', world.nowNs);
                return;
            case 'slash':
                if (!step.again) this.cases += 1n;
                this.slash(step.node, BigInt(step.windows), false);
                return;
            case 'impeach':
                this.cases += 1n;
                return this.slash(step.node, 0n, true);
            case 'bind':
                return;
        }
    }

    private slash(n: number, windows: bigint, all: boolean): void {
        const reason = all ? 'impeachment' : 'liveness';
        const order = { node: principalOf(n), case: this.cases, windows, reason, all } as const;
        const first = slash(this.world.state, order, this.world.nowNs);
        if (first.ok) expect(slash(this.world.state, order, this.world.nowNs)).toEqual(first);
    }

    private stake(n: number, approved: boolean, fault?: Parameters<World['stake']>[1]): void {
        const { world } = this;
        const isValidator = n === VALIDATOR_NODE;
        const staker = isValidator ? VALIDATOR : STAKER;
        const terms = isValidator ? { amountE8s: VALIDATOR_STAKE, termDays: 360n } : { amountE8s: STAKE, termDays: 7n };
        world.ledger.approve(staker, world.self, approved ? 2n * VALIDATOR_STAKE : 0n);
        world.stake({ node: principalOf(n), staker, ...terms }, fault);
    }

    private holderStep(step: Extract<Step, { kind: 'hold' | 'withdraw' }>): void {
        const { world } = this;
        if (step.kind === 'hold') {
            const staker = holderOf(step.holder);
            world.ledger.approve(staker, world.self, step.approved ? VALIDATOR_STAKE : 0n);
            const order = { staker, amountE8s: BigInt(step.emc) * E8S_PER_EMC, termDays: BigInt(step.days) };
            world.hold(order, step.fault);
            return;
        }
        const id = fromNewest(world.state.holderStakes.length(), step.stake);
        const owner = world.state.holderStakes.get(id)?.staker.owner;
        if (owner !== undefined) world.withdraw(id, owner, step.fault);
    }

    private governanceStep(step: Extract<Step, { kind: 'propose' | 'govern' | 'claim_airdrop' }>): void {
        const { world } = this;
        if (step.kind === 'propose') {
            const order = { title: step.what, summary: '', action: this.actionOf(step.what) };
            const id = submitProposal(world.state, VALIDATOR.owner, order, world.nowNs);
            if (id.ok) expectOk(castVote(world.state, id.value, VALIDATOR.owner, 'yes', world.nowNs));
        } else if (step.kind === 'govern') {
            world.runProposals(step.lost ? { kind: 'unknown', reason: 'lost' } : { kind: 'executed' });
        } else {
            this.claimAirdrop(fromNewest(world.state.airdrops.length(), step.airdrop), step.index, step.fault);
        }
    }

    private actionOf(what: Extract<Step, { kind: 'propose' }>['what']): ProposalAction {
        const amountE8s = 50n * E8S_PER_EMC;
        if (what === 'text') return { kind: 'text' };
        if (what === 'call')
            return { kind: 'call', canister: 'hub', method: 'resolve_dispute', args: new Uint8Array() };
        return what === 'airdrop' ? { kind: 'airdrop', ...this.airdrop() } : { kind: what, to: PAYEE, amountE8s };
    }

    private airdrop(): AirdropOrder {
        const entries = range(AIRDROP_ENTRIES).map((n) => ({
            account: airdropTo(n),
            amountE8s: E8S_PER_EMC
        }));
        return {
            class: 'user',
            totalE8s: entries.reduce((sum, { amountE8s }) => sum + amountE8s, 0n),
            expiresNs: this.world.nowNs + 200_000n * MINUTE_NS,
            list: { kind: 'entries', entries }
        };
    }

    private claimAirdrop(airdrop: bigint, n: number, fault: Parameters<World['claimAirdrop']>[1]): void {
        const index = BigInt(n);
        const entry = this.world.state.airdropEntries.get({ airdrop, index });
        if (entry !== undefined) this.world.claimAirdrop({ airdrop, index, ...entry, proof: [] }, fault);
    }

    private settle(weights: readonly number[], prices: readonly number[]): void {
        const items = weights.map((weight, i) => ({ node: principalOf(i + 1), weight: BigInt(weight) }));
        const trades = prices.map((price, i) => ({
            node: principalOf((i % NODES) + 1),
            buyer: walletOf(i).owner,
            priceE8s: BigInt(price)
        }));
        const report = this.world.report(items, trades);
        // An open transfer can hide the money for a while: the hub asks again, and sends nothing twice.
        let settled = this.world.settle(report);
        this.moneyE8s += report.moneyE8s;
        for (let tries = 0; !settled.ok && tries < 5; tries++) {
            expect(settled.error.code).toBe('TemporarilyUnavailable');
            this.world.drain();
            settled = this.world.settleOnly(report);
        }
        expect(settled.ok).toBe(true);
    }

    /** All rules, recomputed from all tables. */
    assertBooks(): void {
        const page = auditPage(this.world.state, beginAudit(this.world.state), 1n << 32n);
        const checks = page.ok ? page.value.checks : [];
        expect(checks.length).toBeGreaterThan(0);
        expect(checks.filter((check) => !check.holds)).toEqual([]);
    }

    /** A pull that the ledger refused has left nothing: what did not move the money is not there any more. */
    private assertNothingRefused(): void {
        const { transfers, holderStakes, holderStakesOf, holderPending } = this.world.state;
        for (let id = 0n; id < transfers.length(); id++) {
            expect(transfers.get(id)?.intent.state.kind ?? 'done').toBe('done');
        }
        let listed = 0n;
        for (const n of range(HOLDERS)) listed += holderStakesOf.length(holderOf(n).owner);
        let kept = 0n;
        for (let id = 0n; id < holderStakes.length(); id++) kept += holderStakes.get(id) === undefined ? 0n : 1n;
        expect([kept, holderPending.size()]).toEqual([listed, 0]);
    }

    /** Lets everything end, and asserts that the books are the ledger, to the last e8. */
    assertEnd(): void {
        const { world } = this;
        world.drain();
        world.observeAll();
        this.assertBooks();
        for (const purse of PURSES) this.assertPurse(purse);
        for (let n = 1; n <= VALIDATOR_NODE; n++) {
            const node = principalOf(n);
            expect(world.ledger.balanceOf(stakeAccount(world.self, node))).toBe(world.bookedFor(node));
        }
        let held = 0n;
        for (let id = 0n; id < world.state.holderStakes.length(); id++) {
            held += world.ledger.balanceOf(holderAccount(world.self, id));
        }
        expect(held).toBe(world.state.holders.get().heldE8s);
        this.assertPaidOnce();
        this.assertNothingRefused();
        this.assertConserved(held);
    }

    private assertPurse(purse: (typeof PURSES)[number]): void {
        const { world } = this;
        const row = purseOf(world.state, purse);
        // What is sent to a purse that is not open to gifts stays beyond its books.
        const isOpen = purse === 'treasury' || purse === 'staking';
        const gifts = isOpen ? 0n : (this.funded.get(accountToText(purseAccount(world.self, purse))) ?? 0n);
        expect([purse, world.purseBalance(purse)]).toEqual([purse, row.bookedE8s + gifts]);
        expect(row).toMatchObject({ openOut: 0, openIn: 0, heldE8s: 0n });
    }

    /** Nobody outside has more or less than the transfers say that have ended, and no object was paid twice. */
    private assertPaidOnce(): void {
        const { world } = this;
        const balances = new Map(this.funded);
        const add = (account: Account, amountE8s: bigint): void => {
            const key = accountToText(account);
            balances.set(key, (balances.get(key) ?? 0n) + amountE8s);
        };
        const paid = new Set<string>();
        for (const row of this.doneTransfers()) {
            add(row.intent.transfer.from, -debitOf(row.intent.transfer));
            add(row.intent.transfer.to, row.intent.transfer.amountE8s);
            const object = payeeOf(row);
            if (object !== undefined) expect(paid.has(object)).toBe(false);
            if (object !== undefined) paid.add(object);
        }
        const outside = [STAKER, VALIDATOR, PAYEE, ...range(HOLDERS).map(holderOf), ...range(WALLETS).map(walletOf)];
        for (const account of [...outside, ...range(AIRDROP_ENTRIES).map(airdropTo)]) {
            expect(world.ledger.balanceOf(account)).toBe(balances.get(accountToText(account)) ?? 0n);
        }
    }

    private *doneTransfers(): Generator<TransferRow> {
        const { transfers } = this.world.state;
        for (let id = 0n; id < transfers.length(); id++) {
            const row = transfers.get(id);
            if (row?.intent.state.kind === 'done') yield row;
        }
    }

    /** Σ pools + stakes + liabilities + users + burned = genesis and what came from outside. */
    private assertConserved(heldE8s: bigint): void {
        const { world } = this;
        const genesis = world.profile.allocations
            .filter(({ pool }) => pool !== 'public')
            .reduce((sum, { amountE8s }) => sum + amountE8s, 0n);
        const outside = [...this.funded.values()].reduce((sum, amount) => sum + amount, 0n);
        const { ledger, state } = world;
        expect(ledger.total() + ledger.burnedE8s).toBe(genesis + outside + this.moneyE8s);
        const pools = PURSES.reduce((sum, purse) => sum + world.purseBalance(purse), 0n);
        const stakes = state.stakedE8s.get() + state.slashDueE8s.get() + heldE8s;
        const users = [STAKER, VALIDATOR, PAYEE, ...range(HOLDERS).map(holderOf), ...range(WALLETS).map(walletOf)];
        const owned = [...users, ...range(AIRDROP_ENTRIES).map(airdropTo)];
        const balances = owned.reduce((sum, account) => sum + ledger.balanceOf(account), 0n);
        expect(pools + stakes + balances + ledger.burnedE8s).toBe(genesis + outside + this.moneyE8s);
    }
}

/** The number of an entry counted from the newest; one that does not exist when there are not so many. */
function fromNewest(length: bigint, back: number): bigint {
    return BigInt(back) < length ? length - 1n - BigInt(back) : length;
}

/** The object that a transfer may pay only once; undefined where an object is paid in parts. */
function payeeOf({ purpose }: TransferRow): string | undefined {
    switch (purpose.kind) {
        case 'claim_payment':
            return `claim ${purpose.claim}`;
        case 'airdrop_payment':
            return `airdrop ${purpose.airdrop} ${purpose.index}`;
        case 'proposal_payment':
            return `proposal ${purpose.proposal}`;
        case 'holder_pull':
        case 'holder_reward':
        case 'holder_payout':
            return `${purpose.kind} ${purpose.stake}`;
        default:
            return undefined;
    }
}
