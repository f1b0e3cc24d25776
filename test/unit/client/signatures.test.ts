/** What the agents sign and check faster than the library does: the same signatures, and nothing taken that it would refuse. */
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { Cbor, IC_RESPONSE_DOMAIN_SEPARATOR, hashOfMap, requestIdOf, type DerEncodedPublicKey } from '@dfinity/agent';
import { Ed25519KeyIdentity } from '@dfinity/identity';
import { Principal } from '@dfinity/principal';
import { bls12_381 } from '@noble/curves/bls12-381';
import { CheckingThread, remembering, type CheckSignature } from '../../../src/client/certificate_checks';
import { FastAgent, UnsignedAnswer } from '../../../src/client/fast_agent';
import { FastIdentity } from '../../../src/client/fast_identity';

const CANISTER = Principal.fromText('aaaaa-aa');
const ROOT_KEY = new Uint8Array(133);
const NS_PER_MS = 1_000_000n;

test('an identity on OpenSSL is the same principal and makes the same signatures', async () => {
    const seed = new Uint8Array(32).fill(7);
    const [fast, slow] = [new FastIdentity(seed), Ed25519KeyIdentity.generate(seed)];
    const challenge = new TextEncoder().encode('challenge');
    expect(fast.getPrincipal().toText()).toBe(slow.getPrincipal().toText());
    expect(new Uint8Array(await fast.sign(challenge))).toEqual(new Uint8Array(await slow.sign(challenge)));
});

interface Node {
    readonly id: Principal;
    readonly secret: KeyObject;
    readonly der: DerEncodedPublicKey;
}

function makeNode(): Node {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const der = new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })) as DerEncodedPublicKey;
    return { id: Principal.selfAuthenticating(der), secret: privateKey, der };
}

interface Answer {
    readonly fields: Record<string, unknown>;
    /** What is sent instead of what was signed. */
    readonly sent?: Record<string, unknown>;
    readonly signer: Node;
    /** As whom it signs; default: itself. */
    readonly as?: Principal;
    readonly ageMs?: number;
    readonly isUnsigned?: boolean;
}

/** An agent of a subnet that knows these nodes, at a time, and gets this answer. */
function agentOf(answer: Answer, subnets: readonly (readonly Node[])[]) {
    const answered = async (_url: unknown, init?: RequestInit): Promise<Response> => {
        const { content } = Cbor.decode<{ content: Record<string, unknown> }>(init?.body as Uint8Array);
        return new Response(Buffer.from(Cbor.encode(signed(answer, requestIdOf(content)))));
    };
    const agent = new FastAgent({ host: 'http://127.0.0.1:1', fetch: answered as typeof fetch, rootKey: ROOT_KEY });
    const turns = [...subnets];
    const keysOf = (nodes: readonly Node[]) => new Map(nodes.map(({ id, der }) => [id.toText(), der]));
    const fetched = jest.fn(async () => {
        const nodes = (turns.length > 1 ? turns.shift() : turns[0]) ?? [];
        return { subnetId: 'x', nodeKeys: keysOf(nodes) };
    });
    agent.fetchSubnetKeys = fetched;
    const ask = () => agent.query(CANISTER, { methodName: 'peek', arg: new Uint8Array([1]) });
    return { ask, fetched };
}

function signed({ fields, sent, signer, as, ageMs = 0, isUnsigned = false }: Answer, requestId: Uint8Array): object {
    const timestamp = BigInt(Date.now() - ageMs) * NS_PER_MS;
    const hash = hashOfMap({ ...fields, timestamp, request_id: requestId });
    const bytes = Buffer.concat([IC_RESPONSE_DOMAIN_SEPARATOR, hash]);
    const signature = new Uint8Array(sign(null, bytes, signer.secret));
    const identity = (as ?? signer.id).toUint8Array();
    return { ...(sent ?? fields), signatures: isUnsigned ? [] : [{ timestamp, signature, identity }] };
}

const REPLIED = { status: 'replied', reply: { arg: new Uint8Array([5, 6]) } };
const REJECTED = { status: 'rejected', reject_code: 4, reject_message: 'no', error_code: 'IC0406' };
const node = makeNode();
const other = makeNode();

test.each([
    ['a reply', REPLIED],
    ['a rejection', REJECTED]
])('%s that a node of the subnet has signed is taken, and the keys are asked for once', async (_name, fields) => {
    const { ask, fetched } = agentOf({ fields, signer: node }, [[other, node]]);
    expect(await ask()).toMatchObject({ status: fields.status });
    expect(await ask()).toMatchObject({ status: fields.status });
    expect(fetched).toHaveBeenCalledTimes(1);
});

test.each<[string, Answer]>([
    ['of nobody', { fields: REPLIED, signer: node, isUnsigned: true }],
    ['of a node of another subnet', { fields: REPLIED, signer: other }],
    ['of another node than it says', { fields: REPLIED, signer: other, as: node.id }],
    [
        'over another reply',
        { fields: REPLIED, signer: node, sent: { ...REPLIED, reply: { arg: new Uint8Array([5]) } } }
    ],
    ['over another rejection', { fields: REJECTED, signer: node, sent: { ...REJECTED, reject_message: 'yes' } }],
    ['over a rejection that is sent as a reply', { fields: REJECTED, signer: node, sent: REPLIED }],
    ['from before requests can be that old', { fields: REPLIED, signer: node, ageMs: 301_000 }]
])('an answer with the signature %s is refused', async (_name, answer) => {
    await expect(agentOf(answer, [[node]]).ask()).rejects.toThrow(UnsignedAnswer);
});

test('a node that has joined the subnet since is found by asking again', async () => {
    const { ask, fetched } = agentOf({ fields: REPLIED, signer: node }, [[other], [other, node]]);
    expect(await ask()).toMatchObject({ status: 'replied' });
    expect(fetched).toHaveBeenCalledTimes(2);
});

const MESSAGE = new TextEncoder().encode('\x0dic-state-root and a hash');
const SECRET = new Uint8Array(32).fill(3);
const KEY = bls12_381.getPublicKeyForShortSignatures(SECRET);
const SIGNATURE = bls12_381.signShortSignature(MESSAGE, SECRET);
const WRONG = bls12_381.signShortSignature(new Uint8Array([1]), SECRET);

test('a thread says the same of certificates as the library, and goes on after nonsense', async () => {
    const { check } = new CheckingThread();
    const otherKey = bls12_381.getPublicKeyForShortSignatures(new Uint8Array(32).fill(4));
    const asked = [
        check(KEY, SIGNATURE, MESSAGE),
        check(KEY, WRONG, MESSAGE),
        check(otherKey, SIGNATURE, MESSAGE),
        check(KEY, new Uint8Array(48), MESSAGE),
        check(new Uint8Array(96), SIGNATURE, MESSAGE),
        check(KEY, SIGNATURE, MESSAGE)
    ];
    expect(await Promise.all(asked)).toEqual([true, false, false, false, false, true]);
});

test('without a thread the check is made here', async () => {
    const here = process.cwd();
    const { EMC_ROOT: root } = process.env;
    // Nothing leads to the library that the thread would need.
    delete process.env.EMC_ROOT;
    process.chdir('/');
    const { check } = new CheckingThread();
    process.chdir(here);
    if (root !== undefined) process.env.EMC_ROOT = root;
    expect([await check(KEY, SIGNATURE, MESSAGE), await check(KEY, WRONG, MESSAGE)]).toEqual([true, false]);
});

test('what was right is remembered, for askers at the same time as well; what was wrong or failed is not', async () => {
    const answers: (boolean | Error)[] = [true, false, new RangeError('x'), true];
    const check = jest.fn<Promise<boolean>, Parameters<CheckSignature>>(async () => {
        const answer = answers.shift() ?? false;
        if (answer instanceof Error) throw answer;
        return answer;
    });
    const known = remembering(check);
    expect(await Promise.all([known(KEY, SIGNATURE, MESSAGE), known(KEY, SIGNATURE, MESSAGE)])).toEqual([true, true]);
    expect(await known(KEY, SIGNATURE, MESSAGE)).toBe(true);
    expect(check).toHaveBeenCalledTimes(1);
    expect(await known(KEY, WRONG, MESSAGE)).toBe(false);
    await expect(known(KEY, WRONG, MESSAGE)).rejects.toThrow(RangeError);
    expect(await known(KEY, WRONG, MESSAGE)).toBe(true);
    expect(check).toHaveBeenCalledTimes(4);
});

test('what is remembered is key, signature and message, not their bytes in a row', async () => {
    const check = jest.fn<boolean, Parameters<CheckSignature>>((_key, signature) => signature.length === 2);
    const known = remembering(check);
    const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
    expect(await known(bytes(1), bytes(2, 3), bytes(4))).toBe(true);
    expect(await known(bytes(1), bytes(2), bytes(3, 4))).toBe(false);
});
