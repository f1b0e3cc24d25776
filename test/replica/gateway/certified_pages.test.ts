/** Pages with certificates: what a canister has certified is served, anything else is not, and raw names do not ask. */
import { gzipSync } from 'node:zlib';
import { HttpAgent } from '@dfinity/agent';
import type { Principal } from '@dfinity/principal';
import { responseHash, certifiedHeaders } from '../../../src/replica/gateway/certified/hashes';
import { startNetwork, type RunningNetwork } from '../../../src/replica/index';
import { encodeSelfDescribed } from '../../../src/replica/wire/cbor';
import { sha256, utf8 } from '../../../src/replica/wire/bytes';
import { labels, leaf, type HashTree } from '../../../src/replica/wire/hash_tree';
import { treeToCbor } from '../../../src/replica/wire/hash_tree_cbor';
import { deploy } from '../http/support/deployed';
import { bytes, encoded, get, query, update, type Answer } from './support/pages';
import { pagesWasm } from './support/pages_canister';

let network: RunningNetwork;
let strict: RunningNetwork;
let canisterId: Principal;
let strictId: Principal;

beforeAll(async () => {
    [network, strict] = await Promise.all([startNetwork({ port: 0 }), startNetwork({ port: 0, certifiedPages: true })]);
    const install = async ({ url: host }: RunningNetwork): Promise<Principal> =>
        deploy(await HttpAgent.create({ host, shouldFetchRootKey: true }), await pagesWasm());
    [canisterId, strictId] = [await install(network), await install(strict)];
});

afterAll(() => Promise.all([network.close(), strict.close()]));

const base64 = (content: Uint8Array): string => Buffer.from(content).toString('base64');
const below = (path: readonly string[], tree: HashTree): HashTree =>
    path.reduceRight((subtree, label) => labels([[utf8(label), subtree]]), tree);

/** Certifies the tree; the header that proves it. */
async function certify(tree: HashTree, version: string): Promise<[string, string]> {
    await update(network, canisterId, 'certify', tree.digest);
    const certificate = await query(network, canisterId, 'certificate');
    const shown = base64(encodeSelfDescribed(treeToCbor(tree)));
    return ['IC-Certificate', `certificate=:${base64(certificate)}:, tree=:${shown}:${version}`];
}

async function serve(response: object): Promise<void> {
    await update(network, canisterId, 'put', new Uint8Array([0, ...encoded(response)]));
}

const shown = (path: string, name = 'localhost'): Promise<Answer> =>
    get(network, path, { host: `${canisterId.toText()}.${name}` });
const statusOf = async (path: string): Promise<number | undefined> => (await shown(path)).status;

const refusal = 'Response verification failed';

test('version 1: the body of the path, as it is or decoded, and the index page for other paths', async () => {
    const assets = labels([
        [utf8('/a b.txt'), leaf(sha256(bytes('hello')))],
        [utf8('/index.html'), leaf(sha256(bytes('index')))]
    ]);
    const header = await certify(below(['http_assets'], assets), '');
    await serve({ headers: [header, ['x-mine', 'kept']] });
    const answer = await shown('/a%20b.txt?query');
    expect([answer.status, answer.body, answer.headers['x-mine']]).toEqual([200, 'hello', 'kept']);
    const other = await shown('/elsewhere');
    expect([other.status, other.body.startsWith(refusal)]).toEqual([503, true]);
    expect((await shown('/elsewhere', 'raw.localhost')).body).toBe('hello');
    await serve({ headers: [header], body: bytes('index') });
    expect([await statusOf('/elsewhere'), await statusOf('/a%20b.txt')]).toEqual([200, 503]);
    await serve({ headers: [header, ['content-encoding', 'gzip']], body: gzipSync('index') });
    expect(await statusOf('/')).toBe(200);
    await serve({ headers: [header], body: bytes('index'), status_code: 302 });
    expect(await statusOf('/')).toBe(503);
});

const expression =
    'default_certification(ValidationArgs{certification:Certification{no_request_certification:Empty{},' +
    'response_certification:ResponseCertification{certified_response_headers:ResponseHeaderList{headers:["Cache-Control"]}}}})';
const expressionHeader: [string, string] = ['IC-CertificateExpression', expression];

/** The fields of version 2 in the certificate's header. */
const version2 = (path: readonly string[]): string =>
    `,version=2,expr_path=:${base64(encodeSelfDescribed([...path]))}:`;

/** A tree that certifies one answer at a path. */
function treeFor(path: readonly string[], headers: [string, string][], body: string): HashTree {
    const selection = { kind: 'only', names: new Set(['cache-control']) } as const;
    const hash = responseHash(
        { status: 200, headers, body: bytes(body) },
        certifiedHeaders(headers, selection),
        expression
    );
    const proof = labels([
        [sha256(utf8(expression)), labels([[new Uint8Array(), labels([[hash, leaf(new Uint8Array())]])]])]
    ]);
    return below(path, proof);
}

test('version 2: status, body and certified headers; the others are dropped', async () => {
    const headers: [string, string][] = [expressionHeader, ['Cache-Control', 'no-store']];
    const path = ['http_expr', 'app', '<*>'];
    const header = await certify(treeFor(path, headers, 'hello'), version2(path));
    await serve({ headers: [header, ...headers, ['x-mine', 'not certified']] });
    const answer = await shown('/app/page?q=1');
    expect([answer.status, answer.body]).toEqual([200, 'hello']);
    expect([answer.headers['cache-control'], answer.headers['x-mine']]).toEqual(['no-store', undefined]);
    expect(await statusOf('/elsewhere')).toBe(503);
    await serve({ headers: [header, expressionHeader, ['Cache-Control', 'max-age=1']] });
    expect(await statusOf('/app/page')).toBe(503);
    await serve({ headers: [header, ...headers], body: bytes('other') });
    expect(await statusOf('/app/page')).toBe(503);
    await serve({ headers: [header, ...headers], status_code: 201 });
    expect(await statusOf('/app/page')).toBe(503);
    await serve({ headers: [header, ['IC-CertificateExpression', 'nonsense(']] });
    expect(await statusOf('/app/page')).toBe(503);
});

test('version 2: a canister may certify that it certifies nothing', async () => {
    const text = 'default_certification(ValidationArgs{no_certification:Empty{}})';
    const path = ['http_expr', '<*>'];
    const tree = below(path, labels([[sha256(utf8(text)), leaf(new Uint8Array())]]));
    const header = await certify(tree, version2(path));
    await serve({ headers: [header, ['IC-CertificateExpression', text], ['x-mine', 'kept']], status_code: 404 });
    const answer = await shown('/any/where');
    expect([answer.status, answer.headers['x-mine']]).toEqual([404, 'kept']);
    await serve({ headers: [header, expressionHeader] });
    expect(await statusOf('/any/where')).toBe(503);
});

test('certificates: of another tree, of another canister, or unreadable ones are refused', async () => {
    const tree = below(['http_assets', '/'], leaf(sha256(bytes('hello'))));
    const header = await certify(tree, '');
    await serve({ headers: [header] });
    expect(await statusOf('/')).toBe(200);
    await certify(below(['http_assets', '/'], leaf(sha256(bytes('changed')))), '');
    const [name, later] = await certify(below(['http_assets'], leaf(bytes('none'))), '');
    await serve({ headers: [[name, later.replace(/tree=.*/, header[1].replace(/.*tree=/, 'tree='))]] });
    expect(await statusOf('/')).toBe(503);
    await update(strict, strictId, 'put', new Uint8Array([0, ...encoded({ headers: [header] })]));
    expect((await get(strict, '/', { host: `${strictId.toText()}.localhost` })).status).toBe(503);
    await serve({ headers: [[name, 'certificate=:!!:, tree=:AAAA:']] });
    expect(await statusOf('/')).toBe(503);
});

test('a network of certified pages refuses answers without a certificate, but not at raw names and not those of updates', async () => {
    await update(strict, strictId, 'put', new Uint8Array([0, ...encoded({})]));
    const ask = (name: string): Promise<Answer> => get(strict, '/', { host: `${strictId.toText()}.${name}` });
    const [plain, raw] = [await ask('localhost'), await ask('raw.localhost')];
    expect([plain.status, plain.body.startsWith(refusal), raw.status]).toEqual([503, true, 200]);
    await update(strict, strictId, 'put', new Uint8Array([0, ...encoded({ upgrade: [true] })]));
    await update(strict, strictId, 'put', new Uint8Array([1, ...encoded({ body: bytes('changed') })]));
    expect((await ask('localhost')).body).toBe('changed');
});
