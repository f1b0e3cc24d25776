import {
    Actor,
    Cbor,
    Certificate,
    HttpAgent,
    LookupPathStatus,
    requestIdOf,
    AnonymousIdentity,
    type ActorSubclass
} from '@dfinity/agent';
import { DelegationChain, DelegationIdentity, ECDSAKeyIdentity, Ed25519KeyIdentity } from '@dfinity/identity';
import { Principal } from '@dfinity/principal';
import { startNetwork, type RunningNetwork } from '../../../src/replica/index';
import { counterIdl, counterWasm, type Counter } from './support/counter_canister';
import { deploy } from './support/deployed';

let network: RunningNetwork;
let owner: HttpAgent;
let canisterId: Principal;

beforeAll(async () => {
    network = await startNetwork({ port: 0 });
    owner = await agentOf(Ed25519KeyIdentity.generate());
    canisterId = await deploy(owner, await counterWasm());
});

afterAll(() => network.close());

type Identity = NonNullable<Parameters<typeof HttpAgent.createSync>[0]>['identity'];

function agentOf(identity: Identity): Promise<HttpAgent> {
    return HttpAgent.create({
        host: network.url,
        identity,
        shouldFetchRootKey: true,
        verifyQuerySignatures: true,
        retryTimes: 0
    });
}

function counter(agent: HttpAgent): ActorSubclass<Counter> {
    return Actor.createActor<Counter>(counterIdl, { agent, canisterId });
}

test('agent: updates and queries, with certificates and query signatures verified', async () => {
    const actor = counter(owner);
    const before = await actor.read();
    await actor.inc();
    expect(await actor.read()).toBe(before + 1n);
});

test('agent: a reject is certified and carries its code', async () => {
    await expect(counter(owner).fail()).rejects.toMatchObject({
        code: { rejectCode: 5, rejectErrorCode: 'IC0503' }
    });
});

test('agent: P-256, delegated and anonymous callers are served', async () => {
    const session = Ed25519KeyIdentity.generate();
    const root = Ed25519KeyIdentity.generate();
    const expiration = new Date(Date.now() + 60_000);
    const chain = await DelegationChain.create(root, session.getPublicKey(), expiration, { targets: [canisterId] });
    const identities = [
        await ECDSAKeyIdentity.generate(),
        DelegationIdentity.fromDelegation(session, chain),
        new AnonymousIdentity()
    ];
    for (const identity of identities) {
        const actor = counter(await agentOf(identity));
        const before = await actor.read();
        await actor.inc();
        expect(await actor.read()).toBe(before + 1n);
    }
});

test('agent: an expired delegation and one for another canister are refused', async () => {
    const session = Ed25519KeyIdentity.generate();
    const root = Ed25519KeyIdentity.generate();
    const past = new Date(Date.now() - 60_000);
    const future = new Date(Date.now() + 60_000);
    const chains = [
        await DelegationChain.create(root, session.getPublicKey(), past),
        await DelegationChain.create(root, session.getPublicKey(), future, {
            targets: [Principal.fromText('aaaaa-aa')]
        })
    ];
    for (const chain of chains) {
        const actor = counter(await agentOf(DelegationIdentity.fromDelegation(session, chain)));
        await expect(actor.inc()).rejects.toMatchObject({
            code: { bodyText: expect.stringContaining('Invalid delegation') }
        });
    }
});

test('agent: certified data reaches a query as a certificate of the root key', async () => {
    const arg = new Uint8Array(32).fill(9);
    await owner.call(canisterId, { methodName: 'set_certified', arg, effectiveCanisterId: canisterId });
    await counter(owner).inc();
    const answer = await owner.query(canisterId, { methodName: 'certificate', arg: new Uint8Array() });
    if (!('reply' in answer)) {
        throw new TypeError('the query was rejected');
    }
    const certificate = await Certificate.create({
        certificate: answer.reply.arg,
        rootKey: network.rootKey,
        canisterId
    });
    const path = ['canister', canisterId.toUint8Array(), 'certified_data'];
    expect(certificate.lookup_path(path)).toEqual({ status: LookupPathStatus.Found, value: arg });
    expect(certificate.lookup_path(['canister', canisterId.toUint8Array(), 'module_hash']).status).toBe(
        LookupPathStatus.Unknown
    );
});

test('agent: read_state proves what is absent and refuses what is not for the caller', async () => {
    const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
    const id = canisterId.toUint8Array();
    const paths = [[encode('canister'), id, encode('metadata'), encode('nothing')]];
    const state = await owner.readState(canisterId, { paths });
    const certificate = await Certificate.create({
        certificate: state.certificate,
        rootKey: network.rootKey,
        canisterId
    });
    expect(certificate.lookup_path(['canister', id, 'metadata', 'nothing']).status).toBe(LookupPathStatus.Absent);
    await expect(owner.readState(canisterId, { paths: [[encode('canister'), id]] })).rejects.toMatchObject({
        code: { status: 404 }
    });
    await expect(
        owner.readState(canisterId, { paths: [[encode('canister'), id, encode('certified_data')]] })
    ).rejects.toMatchObject({
        code: { status: 404 }
    });
});

test('agent: the status of a request is for its sender only', async () => {
    const { requestId } = await owner.call(canisterId, {
        methodName: 'inc',
        arg: new Uint8Array(),
        effectiveCanisterId: canisterId
    });
    const stranger = await agentOf(Ed25519KeyIdentity.generate());
    const paths = [[new TextEncoder().encode('request_status'), requestId]];
    await expect(stranger.readState(canisterId, { paths })).rejects.toMatchObject({ code: { status: 403 } });
    await expect(owner.readState(canisterId, { paths })).resolves.toBeDefined();
});

interface RawCall {
    readonly sender: Principal;
    readonly canister_id: Principal;
    readonly request_type: string;
    readonly method_name: string;
    readonly arg: Uint8Array;
    readonly ingress_expiry: bigint;
    readonly nonce?: Uint8Array;
}

function rawCall(change: Partial<RawCall> = {}): RawCall {
    const ingress_expiry = BigInt(Date.now() + 120_000) * 1_000_000n;
    const nonce = crypto.getRandomValues(new Uint8Array(16));
    const base = { sender: Principal.anonymous(), canister_id: canisterId, request_type: 'call', method_name: 'inc' };
    return { ...base, arg: new Uint8Array(), ingress_expiry, nonce, ...change };
}

function post(endpoint: string, body: Uint8Array, contentType = 'application/cbor'): Promise<Response> {
    return fetch(`${network.url}${endpoint}`, { method: 'POST', body, headers: { 'content-type': contentType } });
}

function envelope(content: RawCall, extra: object = {}): Uint8Array {
    const plain = {
        ...content,
        sender: content.sender.toUint8Array(),
        canister_id: content.canister_id.toUint8Array()
    };
    return new Uint8Array(Cbor.encode({ content: plain, ...extra }));
}

const callPath = (): string => `/api/v3/canister/${canisterId.toText()}/call`;

test('http: a replayed call is answered again and not executed again', async () => {
    const body = envelope(rawCall());
    const before = await counter(owner).read();
    const [first, second] = [await post(callPath(), body), await post(callPath(), body)];
    expect([first.status, second.status]).toEqual([200, 200]);
    expect(await counter(owner).read()).toBe(before + 1n);
});

test('http: expired and too far requests are refused with the text that agents look for', async () => {
    for (const minutes of [-1, 10]) {
        const ingress_expiry = BigInt(Date.now() + minutes * 60_000) * 1_000_000n;
        const response = await post(callPath(), envelope(rawCall({ ingress_expiry })));
        expect(response.status).toBe(400);
        expect(await response.text()).toMatch(/^Invalid request expiry: /);
    }
});

test('http: wrong signatures, senders and canisters are refused', async () => {
    const identity = Ed25519KeyIdentity.generate();
    const other = Ed25519KeyIdentity.generate();
    const content = rawCall({ sender: identity.getPrincipal() });
    const sign = async (by: Ed25519KeyIdentity): Promise<Uint8Array> => {
        const id = requestIdOf({ ...content });
        return new Uint8Array(await by.sign(Buffer.concat([Buffer.from('\x0aic-request'), id])));
    };
    const key = identity.getPublicKey().toDer();
    const before = await counter(owner).read();
    const good = await post(callPath(), envelope(content, { sender_pubkey: key, sender_sig: await sign(identity) }));
    expect(good.status).toBe(200);
    const bad = [
        envelope(content),
        envelope(content, { sender_pubkey: key, sender_sig: await sign(other) }),
        envelope(content, { sender_pubkey: other.getPublicKey().toDer(), sender_sig: await sign(other) }),
        envelope(content, { sender_pubkey: key, sender_sig: new Uint8Array(64) }),
        envelope(content, { sender_pubkey: new Uint8Array(44), sender_sig: new Uint8Array(64) }),
        envelope(rawCall({ canister_id: Principal.fromText('ryjl3-tyaaa-aaaaa-aaaba-cai') })),
        envelope(rawCall({ request_type: 'query' })),
        envelope(rawCall(), { sender_sig: new Uint8Array(64) })
    ];
    for (const body of bad) {
        expect((await post(callPath(), body)).status).toBe(400);
    }
    expect(await counter(owner).read()).toBe(before + 1n);
});

test('http: malformed bodies, types and addresses have a refusal of their own', async () => {
    expect((await post(callPath(), Uint8Array.of(0xa1))).status).toBe(400);
    expect((await post(callPath(), new Uint8Array())).status).toBe(400);
    expect((await post(callPath(), envelope(rawCall()), 'application/json')).status).toBe(400);
    expect((await post('/api/v3/canister/nonsense/call', envelope(rawCall()))).status).toBe(400);
    expect((await post('/api/v9/canister/aaaaa-aa/call', envelope(rawCall()))).status).toBe(404);
    expect((await fetch(`${network.url}${callPath()}`)).status).toBe(405);
    expect((await post(callPath(), new Uint8Array(5 * 1024 * 1024))).status).toBe(413);
    const large = new Uint8Array(2 * 1024 * 1024 + 1);
    expect((await post(callPath(), large)).status).toBe(413);
    expect((await post(callPath().replace('/call', '/query').replace('v4', 'v3'), large)).status).toBe(400);
    const cors = await fetch(`${network.url}/api/v2/status`, { method: 'OPTIONS' });
    expect([cors.status, cors.headers.get('access-control-allow-origin')]).toEqual([204, '*']);
});

test('http: a call to a missing canister is refused before it is taken in', async () => {
    const missing = Principal.fromText('a4gq6-oaaaa-aaaab-qaa4q-cai');
    const response = await post(
        `/api/v4/canister/${missing.toText()}/call`,
        envelope(rawCall({ canister_id: missing }))
    );
    expect(response.status).toBe(200);
    expect(Cbor.decode(new Uint8Array(await response.arrayBuffer()))).toMatchObject({
        status: 'non_replicated_rejection',
        error_code: 'IC0301'
    });
});

test('http: status answers while a canister runs away', async () => {
    const spinning = counter(owner).spin();
    const outcome = spinning.then(
        () => 'replied',
        (error: { code?: { rejectErrorCode?: string } }) => error.code?.rejectErrorCode
    );
    const states: string[] = [];
    void outcome.then(() => states.push('ended'));
    const status = await fetch(`${network.url}/api/v2/status`);
    expect(status.status).toBe(200);
    expect(states).toEqual([]);
    expect(await outcome).toBe('IC0522');
    await counter(owner).inc();
});
