/** The hub's plan of probes and what it takes for their results, with the real state machine. */
import type { Principal } from '@dfinity/principal';
import { sha256 } from '../../src/core/hash';
import type { _SERVICE } from '../../src/declarations/hub';
import {
    accepted,
    activateNode,
    admitValidators,
    buyCredits,
    code,
    createApiKey,
    holderOf,
    idOf
} from '../support/compute_market';
import { expectSoundBooks, passMinutes, playGateway, reportNode } from '../support/hub_books';
import type { PicActor } from '../support/pic_actor';
import { deploySuite, type Suite } from '../support/suite';

type Status = Parameters<_SERVICE['submit_probe']>[0]['status'];

const GATEWAY = idOf('gateway');
const STRANGER = idOf('stranger');
const [V1, V2, V3] = [idOf('validator 1'), idOf('validator 2'), idOf('validator 3')];
const NOT_LIMITED = { apps: [] as [], requests_per_minute: [] as [], max_credits: [] as [] };
const SUCCESS = { Success: null };
const HOUR_S = 3_600;

let suite: Suite;
let NODE: Principal;
let nextRequest = 1n;
const keys = new Map<string, Uint8Array>();

const hub = (who: Principal = STRANGER): PicActor<_SERVICE> => suite.as('hub', who);
const nowNs = async (): Promise<bigint> => BigInt(Math.round(await suite.pic.getTime())) * 1_000_000n;

beforeAll(async () => {
    suite = await deploySuite({ statusSpacingS: 1n, pocSpacingS: 0n });
    await admitValidators(suite);
    NODE = await activateNode(suite, holderOf('node'));
    await playGateway(suite, GATEWAY);
    for (const who of [V1, V2, V3, STRANGER]) {
        await buyCredits(suite, who, 100n);
        keys.set(who.toText(), await createApiKey(suite, who, who.toText()));
    }
    await suite.advance(61);
});
/** A node that is silent for half an hour is Inactive for good. */
beforeEach(async () => {
    await suite.advance(1);
    await reportNode(suite, NODE);
});
afterAll(() => suite.close());

/** The due probe of a validator, an hour of node life later. */
async function dueProbe(who: Principal) {
    for (let third = 0; third < 3; third++) {
        await suite.advance(HOUR_S / 3);
        await reportNode(suite, NODE);
    }
    await passMinutes(suite, 1);
    const [probe] = await hub(who).list_due_probes(who);
    if (probe === undefined) throw new Error('no probe is due');
    return probe;
}

/** A call by a key that leads to these nodes only, as the gateway canister opens it. */
async function openTo(who: Principal, ...nodes: Principal[]): Promise<bigint> {
    const key_hash = keys.get(who.toText()) ?? new Uint8Array();
    accepted(await hub(who).set_key_limits({ key_hash, limits: { ...NOT_LIMITED, nodes: [nodes] } }));
    const request_id = nextRequest++;
    const call = { request_id, payer: { ApiKey: key_hash }, app_id: 'embed', max_credits: 2n };
    accepted(await hub(GATEWAY).c2c_open_request(call));
    return request_id;
}

async function record(request_id: bigint, node: Principal): Promise<void> {
    const receipt_hash = [sha256(holderOf(`receipt of ${request_id}`).publicKey)] as [Uint8Array];
    const result = { request_id, node: [node] as [Principal], status: SUCCESS, credits_used: 1n, receipt_hash };
    accepted(await hub(GATEWAY).c2c_record_result({ ...result, receipt: [] }));
}

const submit = async (
    who: Principal,
    { probe_id, node }: { probe_id: bigint; node: Principal },
    request?: bigint,
    status: Status = SUCCESS
) => {
    const request_id: [] | [bigint] = request === undefined ? [] : [request];
    return hub(who).submit_probe({ probe_id, node, status, elapsed_ms: 250n, request_id });
};

test('AS-33, AS-34: validators probe what is due and online, once, over an upgrade; nobody else learns when', async () => {
    await passMinutes(suite, 6);
    expect(await hub().probe_plan()).toMatchObject({ min_s: 3_600n, max_s: 7_200n, online_nodes: 1n });
    expect((await hub().probe_plan()).validators.length).toBe(4);
    const probe = await dueProbe(V1);
    const call = await openTo(V1, NODE);
    for (const who of [STRANGER, NODE, V2]) {
        expect(await hub(who).list_due_probes(V1)).toEqual([]);
        expect(await hub(who).get_probe_call(V1, NODE)).toEqual([]);
    }
    await suite.upgrade('hub');
    await playGateway(suite, GATEWAY);
    expect(await hub(V1).list_due_probes(V1)).toMatchObject([probe]);
    expect(await hub(V1).get_probe_call(V1, NODE)).toEqual([call]);
    await record(call, NODE);
    expect(code(await submit(V2, probe, call))).toBe('NotFound');
    const at = await nowNs();
    const { next_due_ns } = accepted(await submit(V1, probe, call));
    expect(next_due_ns - at).toBeGreaterThanOrEqual(3_600_000_000_000n);
    expect(next_due_ns - at).toBeLessThanOrEqual(7_201_000_000_000n);
    expect(code(await submit(V1, probe, call))).toBe('AlreadySubmitted');
    expect(await hub().get_probe(probe.probe_id)).toMatchObject([
        { elapsed_ms: 250n, status: SUCCESS, request_id: [call] }
    ]);
    expect(await hub().list_node_probes(NODE, 0n, 9n)).toMatchObject([{ validator: V1 }]);
    expect(await hub().list_validator_probes(V1, 0n, 9n)).toMatchObject([{ node: NODE }]);
    await expectSoundBooks(suite, V1);
});

test("a probe is what the hub recorded of the validator's own call, and each call is one probe, over an upgrade", async () => {
    const probe = await dueProbe(V2);
    const others = [await openTo(V1, NODE), await openTo(STRANGER, NODE), await openTo(V2, V3)];
    for (const call of others) {
        await record(call, call === others[2] ? V3 : NODE);
        expect(code(await submit(V2, probe, call))).toBe('NotBacked');
    }
    expect(code(await submit(V2, probe))).toBe('NotBacked');
    const call = await openTo(V2, NODE);
    expect(code(await submit(V2, probe, call))).toBe('NotRecorded');
    for (const status of [{ Failed: null }, { Timeout: null }, { Unreachable: null }]) {
        expect(code(await submit(V2, probe, undefined, status))).toBe('NotBacked');
    }
    accepted(await submit(V2, probe, call, { Timeout: null }));
    await record(call, NODE);
    await suite.upgrade('hub');
    await playGateway(suite, GATEWAY);
    await dueProbe(V2).catch(() => undefined);
    const next = await dueProbe(V2);
    for (const status of [SUCCESS, { Failed: null }]) {
        expect(code(await submit(V2, next, call, status))).toBe('NotBacked');
    }
    expect(await hub(V2).get_probe_call(V2, NODE)).toEqual([]);
    accepted(await submit(V2, next, undefined, { Unreachable: null }));
});

test('AS-33: no result of a node that has been silent for longer than half an hour', async () => {
    const probe = await dueProbe(V3);
    const call = await openTo(V3, NODE);
    await record(call, NODE);
    await suite.advance(1_801);
    expect(code(await submit(V3, probe, call))).toBe('NotOnline');
});

test('strangers: a result is for validators, and for nobody who left no name', async () => {
    const probe = { probe_id: 0n, node: NODE };
    expect(code(await submit(idOf('onlooker'), probe))).toBe('NotAValidator');
    for (const who of [STRANGER, NODE, GATEWAY, suite.deployer]) {
        expect(code(await submit(who, probe))).toBe('NotAValidator');
    }
});
