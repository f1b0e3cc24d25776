/** A life of the built hub with the built ledger, rewards and state machine, beside a list of calls that is added up again. */
import { receiptBody } from '../../src/core/compute/receipt';
import type { Principal } from '@dfinity/principal';
import { INTERFACES } from '../../src/client/canisters';
import { sha256 } from '../../src/core/hash';
import type { _SERVICE } from '../../src/declarations/hub';
import { activateNode, admitValidators, buyCredits, code, holderOf, idOf } from './compute_market';
import { faultySource, makeFaulty, MARKS_HUB, REPLIES_TO_HUB, type ReplyFault } from './faulty_canister';
import { makeLedgerFaulty } from './faulty_ledger';
import { expectSoundBooks, playGateway, tag } from './hub_books';
import { memosOf } from './conservation';
import { toPicPrincipal, type PicActor } from './pic_actor';
import type { Suite } from './suite';
import { NODES, USERS, type Peer, type Result, type WindowStep } from './window_steps';

type Hub = PicActor<_SERVICE>;
type Recording = Parameters<Hub['c2c_record_result']>[0];
type SetFault = (fault: ReplyFault) => Promise<void>;

const GATEWAY = idOf('gateway');
const STRANGER = idOf('stranger');
const PRICE = 100_000n;
const MINUTE_S = 60;
const ROUND_NS = 7_200_000_000_000n;
const CREDITS = 10_000n;

/** A call as the reference remembers it. */
interface Call {
    readonly id: bigint;
    readonly user: number;
    readonly held: bigint;
    closed?: { readonly node: number; readonly status: string; readonly used: bigint };
}

const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, amount) => total + amount, 0n);

export class WindowStory {
    private readonly calls: Call[] = [];
    /** What happened, so that a test knows that it saw something. */
    readonly seen = { refusedRepetitions: 0, setbacks: 0, inProgress: 0, latelyClosed: 0 };
    /** States of a close in which the hub was upgraded. */
    readonly upgradedIn = new Set<string>();

    private constructor(
        private readonly suite: Suite,
        private readonly nodes: readonly Principal[],
        private readonly users: readonly Principal[],
        private readonly faults: ReadonlyMap<Peer, SetFault>
    ) {}

    static async begin(suite: Suite): Promise<WindowStory> {
        await admitValidators(suite);
        const nodes = [];
        for (const name of NODES.slice(0, -1)) nodes.push(await activateNode(suite, holderOf(name)));
        const users = [idOf(USERS[0]), idOf(USERS[1]), suite.deployer];
        for (const user of users) await buyCredits(suite, user, CREDITS);
        const faults = new Map<Peer, SetFault>();
        const rewards = (root: string): string => faultySource(root, 'rewards', REPLIES_TO_HUB, MARKS_HUB);
        faults.set('token_icrc1', await makeLedgerFaulty(suite, undefined, suite.ids.hub));
        faults.set('rewards', await makeFaulty(suite, 'rewards', suite.ids.hub, rewards));
        faults.set('state_machine', await makeFaulty(suite, 'state_machine', suite.ids.hub));
        await playGateway(suite, GATEWAY);
        await suite.advance(MINUTE_S);
        return new WindowStory(suite, [...nodes, idOf(NODES[NODES.length - 1] ?? '')], users, faults);
    }

    async run(step: WindowStep): Promise<void> {
        switch (step.kind) {
            case 'open':
                return this.open(step.who, BigInt(step.credits), step.twice);
            case 'record':
                return this.record(step.result, step.twice);
            case 'batch':
                return this.recordAll(step.results);
            case 'wait':
                return this.suite.advance(step.minutes * MINUTE_S);
            case 'settle':
                return this.settle(step.ahead, step.together);
            case 'fault':
                return this.fail(step);
            case 'held':
                return this.hold(step);
            case 'upgrade':
                return this.upgrade();
        }
    }

    /** Without faults, until every window that has ended is closed. */
    async rest(): Promise<void> {
        for (const setFault of this.faults.values()) await setFault('none');
        for (let tries = 0; tries < 60; tries++) {
            await this.suite.advance(5 * MINUTE_S);
            const { next_window, failures } = await this.hub().settlement_status();
            const [current] = await this.hub().current_window();
            if (next_window === current?.window && failures === 0n) return;
        }
        expect(await this.hub().settlement_status()).toBe('all windows that have ended');
    }

    /** Every record in exactly one window, sums exact, no credit and no e8 lost, nothing paid twice. */
    async check(): Promise<void> {
        const windows = await this.checkRecords();
        const next = (await this.hub().settlement_status()).next_window;
        const traded = this.calls.filter((call) => this.isTrade(call) && (windows.get(call.id) ?? next) < next);
        let money = 0n;
        let carried = 0n;
        for (let window = 0n; window < next; window++) {
            const view = await this.checkWindow(window, windows);
            money += view.money_e8s;
            carried = view.carried_credits;
        }
        expect(money + carried * PRICE).toBe(sum(traded.map(({ closed }) => closed?.used ?? 0n)) * PRICE);
        await expectSoundBooks(this.suite, STRANGER);
        const memos = await memosOf(this.suite.as('token_icrc1', STRANGER));
        expect(new Set(memos).size).toBe(memos.length);
        const rewards = this.suite.as('rewards', this.suite.deployer);
        expect(await rewards.refresh_balances()).toHaveProperty('Ok');
        expect((await rewards.audit()).checks.filter(({ holds }) => !holds)).toEqual([]);
    }

    private hub(who: Principal = GATEWAY): Hub {
        return this.suite.as('hub', who);
    }

    /** Each call as the hub kept it; the window that each record is in, by the instant of its recording. */
    private async checkRecords(): Promise<ReadonlyMap<bigint, bigint>> {
        const windows = new Map<bigint, bigint>();
        const { genesis_ns } = await this.suite.as('rewards', STRANGER).current_clock();
        for (const { id, closed, held } of this.calls) {
            const [request] = await this.hub().get_request(id);
            const expected = { credits_held: held, status: { [closed?.status ?? 'Open']: null } };
            expect(request).toMatchObject({ ...expected, credits_used: closed?.used ?? 0n });
            const [window] = request?.window ?? [];
            const [closedAtNs] = request?.closed_at_ns ?? [];
            expect(window).toBe(closedAtNs === undefined ? undefined : (closedAtNs - genesis_ns) / ROUND_NS);
            if (window !== undefined) windows.set(id, window);
        }
        return windows;
    }

    private async checkWindow(window: bigint, windows: ReadonlyMap<bigint, bigint>) {
        const closed = this.calls.filter(({ id }) => windows.get(id) === window);
        const used = (calls: readonly Call[]): bigint => sum(calls.map((call) => call.closed?.used ?? 0n));
        const successes = (calls: readonly Call[]) => calls.filter((call) => call.closed?.status === 'Success');
        const sumsOf = (calls: readonly Call[]) => ({
            records: BigInt(calls.length),
            successes: BigInt(successes(calls).length),
            credits: used(successes(calls)),
            cancelled_credits: used(calls) - used(successes(calls))
        });
        const [view] = await this.hub().get_window(window);
        if (view === undefined) throw new Error(`there is no window ${window}`);
        expect(view).toMatchObject({ ...sumsOf(closed), state: { Settled: null } });
        for (const [index, node] of this.nodes.entries()) {
            const served = closed.filter((call) => call.closed?.node === index);
            expect(await this.hub().node_usage(node, window)).toMatchObject(sumsOf(served));
        }
        const [settlement] = await this.suite.as('rewards', STRANGER).get_settlement(window);
        expect(settlement?.trade_volume_e8s).toBe(view.money_e8s);
        expect(settlement?.source_hash).toEqual(view.source_hash[0]);
        return view;
    }

    /** What a registered node earns from somebody else than its wallet. */
    private isTrade({ user, closed }: Call): boolean {
        return closed !== undefined && closed.node < NODES.length - 1 && user < USERS.length - 1;
    }

    private async open(user: number, held: bigint, twice: boolean): Promise<void> {
        const request_id = BigInt(this.calls.length + 1);
        const payer = { Principal: this.users[user] ?? STRANGER };
        const opening = { request_id, payer, app_id: 'chat', max_credits: held };
        const answers = await Promise.all(
            Array.from({ length: twice ? 2 : 1 }, () => this.hub().c2c_open_request(opening))
        );
        expect(answers.map(code)).toEqual(answers.map(() => 'ok'));
        const other = await this.hub().c2c_open_request({ ...opening, max_credits: held + 1n });
        expect(code(other)).toBe('DuplicateRequest');
        this.calls.push({ id: request_id, user, held });
    }

    private async record(result: Result, twice: boolean): Promise<void> {
        const call = this.picked(result);
        if (call === undefined) return;
        for (let times = twice ? 2 : 1; times > 0; times--) {
            this.note(call, result, await this.hub().c2c_record_result(this.recordingOf(call, result)));
        }
    }

    private async recordAll(results: readonly Result[]): Promise<void> {
        const picked = results.flatMap((result) => {
            const call = this.picked(result);
            return call === undefined ? [] : [{ call, result }];
        });
        const recordings = picked.map(({ call, result }) => this.recordingOf(call, result));
        const answers = await this.hub().c2c_record_results(recordings);
        picked.forEach(({ call, result }, index) => this.note(call, result, answers[index] ?? { Err: {} }));
    }

    private picked({ pick }: Result): Call | undefined {
        return this.calls[pick % Math.max(1, this.calls.length)];
    }

    private recordingOf({ id }: Call, { node, status, used }: Result): Recording {
        const receipt = sha256(holderOf(`receipt of ${id}`).publicKey);
        const body = receiptBody({ attempt: 1, units: BigInt(used), outputHash: receipt });
        const executor: [Principal] = [this.nodes[node] ?? STRANGER];
        const isPaid = consumedBy({ status, used }) > 0n || status === 'Success';
        return {
            request_id: id,
            node: executor,
            status: { [status]: null } as unknown as Recording['status'],
            credits_used: BigInt(used),
            receipt_hash: isPaid && id % 2n === 1n ? [receipt] : [],
            receipt: isPaid && id % 2n === 0n ? [body] : []
        };
    }

    /** Holds an answer against the reference, and remembers the result if it was the first that was taken. */
    private note(call: Call, result: Result, answer: { Ok: null } | { Err: object }): void {
        const used = consumedBy(result);
        const { node, status } = result;
        const { closed } = call;
        if (closed === undefined) {
            const isCovered = used <= call.held;
            expect(code(answer)).toBe(isCovered ? 'ok' : 'CreditsExceedReservation');
            if (isCovered) call.closed = { node, status, used };
            return;
        }
        const isSame = closed.node === node && closed.status === status && closed.used === used;
        expect(code(answer)).toBe(isSame ? 'ok' : 'AlreadyRecorded');
        if (!isSame) this.seen.refusedRepetitions++;
    }

    private async settle(ahead: number, together: boolean): Promise<void> {
        const { next_window: next } = await this.hub().settlement_status();
        const close = () => this.hub(STRANGER).settle_window(next + BigInt(ahead));
        const answers = await Promise.all(together ? [close(), close()] : [close()]);
        const codes = answers.map(code);
        this.seen.inProgress += codes.filter((answer) => answer === 'InProgress').length;
        expect(codes.filter((answer) => answer === 'ok').length).toBeLessThanOrEqual(1);
    }

    private async fail({ peer, fault, minutes, upgrade }: Extract<WindowStep, { kind: 'fault' }>): Promise<void> {
        const target = {
            canisterId: toPicPrincipal(this.suite.ids[peer]),
            sender: toPicPrincipal(this.suite.deployer)
        };
        if (fault === 'away') await this.suite.pic.stopCanister(target);
        else await this.faults.get(peer)?.(peer === 'state_machine' && fault === 'held_reply' ? 'trap' : fault);
        await this.toEndOfWindow();
        await this.suite.advance(minutes * MINUTE_S);
        const { failures } = await this.hub().settlement_status();
        if (failures > 0n) this.seen.setbacks++;
        if (upgrade) await this.upgrade();
        if (fault === 'away') await this.suite.pic.startCanister(target);
        else await this.faults.get(peer)?.('none');
    }

    private async hold({
        peer,
        ticks,
        minutes,
        result,
        upgrade
    }: Extract<WindowStep, { kind: 'held' }>): Promise<void> {
        await this.suite.advance(MINUTE_S);
        await this.toEndOfWindow();
        const { next_window: next } = await this.hub().settlement_status();
        await this.faults.get(peer)?.('held_reply');
        await this.submitSettle(next);
        await this.suite.pic.tick(ticks);
        await this.record(result, false);
        const [view] = await this.hub().get_window(next);
        if (tag(view?.state) !== 'Settled') this.seen.latelyClosed++;
        if (code(await this.hub(STRANGER).settle_window(next)) === 'InProgress') this.seen.inProgress++;
        for (let minute = 0; minute < minutes; minute += 4) await this.suite.advance(4 * MINUTE_S);
        if (upgrade) await this.upgrade();
        await this.faults.get(peer)?.('none');
        await this.suite.pic.tick(5);
    }

    /** Sends the call and does not wait for its answer. */
    private async submitSettle(window: bigint): Promise<void> {
        const { pic, ids } = this.suite;
        const deferred = pic.createDeferredActor(INTERFACES.hub as never, toPicPrincipal(ids.hub));
        deferred.setPrincipal(toPicPrincipal(STRANGER));
        await (deferred as unknown as { settle_window(window: bigint): Promise<unknown> }).settle_window(window);
    }

    /** A second into the next window: the grace of the timer has not passed. */
    private async toEndOfWindow(): Promise<void> {
        const [view] = await this.hub().current_window();
        const nowNs = BigInt(Math.round(await this.suite.pic.getTime())) * 1_000_000n;
        await this.suite.advance(Number(((view?.ends_ns ?? nowNs) - nowNs) / 1_000_000_000n) + 1);
    }

    private async upgrade(): Promise<void> {
        const { state } = await this.hub().settlement_status();
        this.upgradedIn.add(tag(state));
        await this.suite.upgrade('hub');
        await playGateway(this.suite, GATEWAY);
    }
}

/** A cancelled call pays what was done until then; a failed one nothing, whatever it claims. */
function consumedBy({ status, used }: Pick<Result, 'status' | 'used'>): bigint {
    return status === 'Success' || status === 'Cancelled' ? BigInt(used) : 0n;
}
