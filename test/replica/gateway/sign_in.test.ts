/** Signing in where Internet Identity is not installed: the messages of dapps, and sessions that the network takes. */
import { HttpAgent } from '@dfinity/agent';
import { Delegation, DelegationChain, DelegationIdentity, Ed25519KeyIdentity } from '@dfinity/identity';
import { Principal } from '@dfinity/principal';
import { delegate, readMessage, testUser, type SignInRequest } from '../../../src/replica/browser/sign_in_requests';
import { startNetwork, type RunningNetwork } from '../../../src/replica/index';
import { counterWasm } from '../http/support/counter_canister';
import { deploy } from '../http/support/deployed';
import { get } from './support/pages';

const origin = 'http://shop.localhost:4943';
const second = 1_000_000_000n;

function requestIn(message: unknown): SignInRequest {
    const incoming = readMessage(message, origin);
    if (incoming.kind !== 'sign_in') throw new TypeError(`no request: ${JSON.stringify(incoming)}`);
    return incoming.request;
}

const session = Ed25519KeyIdentity.generate();
const sessionPublicKey = session.getPublicKey().toDer();
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const authorize = { kind: 'authorize-client', sessionPublicKey, maxTimeToLive: 3600n * second };
const icrc34 = (params: object): unknown => ({ jsonrpc: '2.0', id: 'x', method: 'icrc34_delegation', params });

/** Signs alice in and gives what the dapp is told. */
async function answerTo(message: unknown, nowMs = Date.now()): Promise<unknown> {
    const request = requestIn(message);
    return request.answer(await delegate(await testUser('alice', request.origin), request, nowMs));
}

interface Authorized {
    readonly delegations: Parameters<typeof DelegationChain.fromDelegations>[0];
    readonly userPublicKey: Parameters<typeof DelegationChain.fromDelegations>[1];
}

/** As @dfinity/auth-client makes the session's identity. */
function identityOf({ delegations, userPublicKey }: Authorized): DelegationIdentity {
    const signed = delegations.map(({ delegation: { pubkey, expiration, targets }, signature }) => ({
        delegation: new Delegation(pubkey, expiration, targets),
        signature
    }));
    return DelegationIdentity.fromDelegation(session, DelegationChain.fromDelegations(signed, userPublicKey));
}

let network: RunningNetwork;
beforeAll(async () => {
    network = await startNetwork({ port: 0 });
});
afterAll(() => network.close());

test('a session speaks for the user, also on the network, until it ends', async () => {
    const user = await testUser('alice', origin);
    const identity = identityOf((await answerTo(authorize)) as Authorized);
    expect(identity.getPrincipal().toText()).toBe(user.getPrincipal().toText());
    const agent = await HttpAgent.create({ host: network.url, identity, rootKey: network.rootKey });
    const id = await deploy(agent, await counterWasm());
    expect(await network.api.controllers(id.toUint8Array())).toEqual([user.getPrincipal().toUint8Array()]);
    const ended = identityOf((await answerTo(authorize, Date.now() - 7_200_000)) as Authorized);
    const late = await HttpAgent.create({ host: network.url, identity: ended, rootKey: network.rootKey });
    await expect(deploy(late, await counterWasm())).rejects.toThrow(/expir/i);
});

test('users are the same each time, and others for another name or another origin', async () => {
    const principals = await Promise.all(
        [
            ['alice', origin],
            ['alice', origin],
            ['bob', origin],
            ['alice', 'http://other.localhost']
        ].map(async ([name, at]) => (await testUser(name ?? '', at ?? '')).getPrincipal().toText())
    );
    expect(principals[0]).toBe(principals[1]);
    expect(new Set(principals).size).toBe(3);
    expect(requestIn({ ...authorize, derivationOrigin: 'http://main.localhost' }).origin).toBe('http://main.localhost');
    expect(requestIn(authorize).origin).toBe(origin);
});

test('how long a session lasts: as asked, half an hour by default, 30 days at most', async () => {
    const lifetime = async (maxTimeToLive: bigint | undefined): Promise<bigint> => {
        const { delegations } = (await answerTo({ ...authorize, maxTimeToLive }, 0)) as Authorized;
        return (delegations[0]?.delegation.expiration ?? 0n) / second;
    };
    expect(await Promise.all([60n * second, undefined, 10n ** 18n].map(lifetime))).toEqual([60n, 1800n, 2_592_000n]);
});

test('the signer standards: status, standards, permissions, and a delegation with its targets', async () => {
    const asked = (method: string): unknown => readMessage({ jsonrpc: '2.0', id: 7, method }, origin);
    const told = (result: unknown): unknown => ({ kind: 'answer', message: { jsonrpc: '2.0', id: 7, result } });
    expect(asked('icrc29_status')).toEqual(told('ready'));
    expect(asked('icrc25_supported_standards')).toMatchObject(
        told({ supportedStandards: expect.arrayContaining([expect.objectContaining({ name: 'ICRC-34' })]) }) as object
    );
    expect(asked('icrc25_request_permissions')).toEqual(
        told({ scopes: [{ scope: { method: 'icrc34_delegation' }, state: 'granted' }] })
    );
    expect(asked('icrc49_call_canister')).toMatchObject({ message: { id: 7, error: { code: 2000 } } });
    const target = 'ryjl3-tyaaa-aaaaa-aaaba-cai';
    const params = { publicKey: base64(sessionPublicKey), targets: [target], maxTimeToLive: String(60n * second) };
    expect(await answerTo(icrc34(params), 0)).toMatchObject({
        jsonrpc: '2.0',
        id: 'x',
        result: {
            publicKey: base64((await testUser('alice', origin)).getPublicKey().toDer()),
            signerDelegation: [
                { delegation: { pubkey: params.publicKey, expiration: String(60n * second), targets: [target] } }
            ]
        }
    });
    expect(requestIn(icrc34({ ...params, icrc95DerivationOrigin: 'http://main.localhost' }))).toMatchObject({
        origin: 'http://main.localhost',
        targets: [Principal.fromText(target)]
    });
});

test('what is no request, or a malformed one, asks nobody', () => {
    const malformed = [
        ...[null, 'authorize-client', {}, { kind: 'authorize-client', sessionPublicKey: 'key' }],
        ...[{ jsonrpc: '2.0' }, { jsonrpc: '1.0', method: 'icrc29_status' }]
    ];
    for (const message of malformed) expect(readMessage(message, origin)).toEqual({ kind: 'ignored' });
    for (const params of [
        undefined,
        {},
        { publicKey: 5 },
        { publicKey: '!' },
        { publicKey: '', targets: ['no'] },
        { publicKey: '', maxTimeToLive: 'x' }
    ]) {
        expect(readMessage(icrc34(params as object), origin)).toMatchObject({
            kind: 'answer',
            message: { error: { code: -32602 } }
        });
    }
});

test('the page is at the address of Internet Identity, for every path, with one script', async () => {
    const host = { host: 'rdmx6-jaaaa-aaaaa-aaadq-cai.localhost' };
    const [page, deep, script] = await Promise.all(
        ['/', '/authorize?x', '/sign_in.js'].map((path) => get(network, path, host))
    );
    expect([page?.status, deep?.body, script?.status]).toEqual([200, page?.body, 200]);
    expect(page?.body.match(/<script[^>]*>/g)).toEqual(['<script type="module" src="/sign_in.js">']);
    expect(script?.headers['content-type']).toContain('text/javascript');
});
