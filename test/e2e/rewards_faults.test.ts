/**
 * Rewards against a ledger whose messages really fail, on a network: traps, lost and held replies, outages, upgrades in every state
 * of a claim, and a random sequence of all operations with all of them (the model test tells a longer one).
 */
import type { Principal } from '@dfinity/principal';
import * as fc from 'fast-check';
import { auditLedger } from '../support/conservation';
import { FaultStory, faultStep, submitClaim } from '../support/fault_story';
import { ARCHIVE_OPTIONS, giveArchiveModule } from '../support/ledger_archives';
import { makeLedgerFaulty, type LedgerFault } from '../support/faulty_ledger';
import { accepted, account, code, FEE, RewardsSuite, tag } from '../support/rewards_suite';
import { upgradeArgument } from '../support/single_ledger';
import { principalNamed } from '../support/suite';

/** Steps of the random sequence, and its seed. */
const STEPS = Number(process.env.FAULT_STEPS ?? '100');
const SEED = Number(process.env.FAULT_SEED ?? '7');
const STRANGER = principalNamed('stranger');

let world: RewardsSuite;
let setFault: (fault: LedgerFault) => Promise<void>;

beforeAll(async () => {
    world = await RewardsSuite.deploy({ profile: 's3_1000m' });
    setFault = await makeLedgerFaulty(world.suite);
});
afterAll(() => world.suite.close());

interface Claim {
    readonly wallet: Principal;
    readonly id: bigint;
    readonly amount: bigint;
}

/** A wallet with a whole round's emission, and its claim, synced. */
async function syncedClaim(): Promise<Claim> {
    const { node, wallet } = await world.newNode();
    const { pool_e8s: pool, carry_out_e8s: carry } = accepted(await world.settle([[node, 1n]]));
    const { id } = accepted(await world.rewards(wallet).request_claim({ subaccount: [], amount_e8s: [] }));
    await world.suite.advance(1);
    expect(await claimState(id)).toBe('Synced');
    return { wallet, id, amount: pool - carry };
}

async function claimState(id: bigint): Promise<string> {
    const [claim] = await world.rewards().get_claim(id);
    return tag(claim?.state);
}

async function blocks(): Promise<bigint> {
    return (await world.ledger().get_transactions({ start: 0n, length: 0n })).log_length;
}

async function expectPaidOnce({ wallet, id, amount }: Claim): Promise<void> {
    expect(await claimState(id)).toBe('Paid');
    expect(await world.balanceOf(wallet)).toBe(amount - FEE);
    expect(code(await world.rewards(STRANGER).claim(id))).toBe('AlreadyPaid');
    expect(await world.rewards().get_reward_balance(account(wallet))).toMatchObject({
        in_claims_e8s: 0n,
        paid_e8s: amount
    });
    await world.expectSoundBooks();
}

const REASONS = [
    ['unavailable', /^temporarily_unavailable$/],
    ['trap', /a trap that a test asked for/]
] as const;

test.each(REASONS)('a ledger that fails by %s has booked nothing, and a retry pays once', async (fault, reason) => {
    const claim = await syncedClaim();
    const before = await blocks();
    await setFault(fault);
    const refused = await world.rewards(claim.wallet).claim(claim.id);
    expect(refused).toMatchObject({ Err: { TemporarilyUnavailable: expect.stringMatching(reason) } });
    expect(await claimState(claim.id)).toBe('FailedRetryable');
    expect(await blocks()).toBe(before);
    await setFault('none');
    accepted(await world.rewards(claim.wallet).claim(claim.id));
    expect(await blocks()).toBe(before + 1n);
    await expectPaidOnce(claim);
});

test('AS-75: a payment whose reply was lost is booked, and the retry is told of that very block', async () => {
    const claim = await syncedClaim();
    const block = await blocks();
    await setFault('lost_reply');
    expect(code(await world.rewards(claim.wallet).claim(claim.id))).toBe('TemporarilyUnavailable');
    await setFault('none');
    expect(await world.balanceOf(claim.wallet)).toBe(claim.amount - FEE);
    expect(await claimState(claim.id)).toBe('FailedRetryable');
    const paid = accepted(await world.rewards(claim.wallet).claim(claim.id));
    expect(paid.state).toMatchObject({ Paid: { block_index: block, block_known: true } });
    expect(await blocks()).toBe(block + 1n);
    await expectPaidOnce(claim);
});

test('AS-76: an upgrade while the transfer is under way leaves a claim that one retry pays from the same block', async () => {
    const claim = await syncedClaim();
    const block = await blocks();
    await setFault('held_reply');
    await submitClaim(world, claim);
    await world.suite.pic.tick(5);
    expect(await claimState(claim.id)).toBe('Transferring');
    expect(code(await world.rewards(claim.wallet).claim(claim.id))).toBe('InProgress');
    await world.upgrade();
    expect(await claimState(claim.id)).toBe('FailedRetryable');
    await setFault('none');
    await world.suite.pic.tick(5);
    const paid = accepted(await world.rewards(claim.wallet).claim(claim.id));
    expect(paid.state).toMatchObject({ Paid: { block_index: block } });
    expect(await blocks()).toBe(block + 1n);
    await expectPaidOnce(claim);
});

test('C.9: a transfer that was never answered is asked for again by the timer, under the same identity', async () => {
    const claim = await syncedClaim();
    const block = await blocks();
    await setFault('held_reply');
    await submitClaim(world, claim);
    await world.suite.pic.tick(5);
    await world.suite.advance(700);
    await setFault('none');
    await world.suite.advance(700);
    expect(await blocks()).toBe(block + 1n);
    await expectPaidOnce(claim);
});

test(`a random sequence of ${STEPS} operations with faults of every kind loses no e8 and pays nobody twice`, async () => {
    const story = await FaultStory.begin(world, setFault);
    for (const step of fc.sample(faultStep, { numRuns: STEPS, seed: SEED })) await story.run(step);
    await story.end();
    const audit = await auditLedger(world.ledger());
    expect(audit.mismatches).toEqual([]);
    expect(audit.sumOfBalances + audit.burned).toBe(audit.minted);
    expect(audit.supply).toBe(audit.sumOfBalances);
    await story.expectPaidOnce();
    await world.expectSoundBooks();
});

/** Gives the ledger small archives. */
async function allowArchives(): Promise<void> {
    setFault = await makeLedgerFaulty(world.suite, upgradeArgument({ change_archive_options: [ARCHIVE_OPTIONS] }));
    await giveArchiveModule(world.ledger(world.suite.deployer));
}

/** Lets the ledger move all blocks of its story so far. */
async function archiveEverything(): Promise<void> {
    const end = await blocks();
    for (let n = 1n; n <= 30n; n++) await world.give(STRANGER, n);
    for (let minute = 0; minute < 60; minute++) {
        await world.suite.advance(60);
        if ((await world.ledger().get_transactions({ start: 0n, length: 0n })).first_index >= end) return;
    }
    expect('archived').toBe('never');
}

test('C.9: a payment that stays unknown for longer than the ledger remembers is found in its archives', async () => {
    await allowArchives();
    const claim = await syncedClaim();
    const block = await blocks();
    await setFault('lost_reply');
    expect(code(await world.rewards(claim.wallet).claim(claim.id))).toBe('TemporarilyUnavailable');
    await archiveEverything();
    expect((await world.ledger().get_transactions({ start: 0n, length: 0n })).first_index).toBeGreaterThan(block);
    for (let hours = 0; hours < 24; hours += 6) await world.suite.advance(6 * 3_600);
    expect(await claimState(claim.id)).toBe('FailedRetryable');
    for (let hours = 0; hours < 6; hours += 3) await world.suite.advance(3 * 3_600);
    await setFault('none');
    await world.suite.advance(20);
    const [paid] = await world.rewards().get_claim(claim.id);
    expect(paid?.state).toMatchObject({ Paid: { block_index: block, block_known: true } });
    expect((await world.rewards().audit()).lost_transfers).toBe(0n);
    await expectPaidOnce(claim);
});
