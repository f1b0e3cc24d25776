/** The parts of response verification on their own; hashes against those that the reference implementation publishes in its tests. */
import { parseCertificationRule } from '../../../src/replica/gateway/certified/expression';
import { governs } from '../../../src/replica/gateway/certified/expression_path';
import { certifiedHeaders, requestHash, responseHash } from '../../../src/replica/gateway/certified/hashes';
import { toHex, utf8 } from '../../../src/replica/wire/bytes';
import { labels, leaf, PrunedTree, type HashTree } from '../../../src/replica/wire/hash_tree';

const rule = (certification: string): string =>
    `default_certification ( ValidationArgs { ${certification} } )`.replace(/\s/g, '');
const response = (selection: string): string => `response_certification: ResponseCertification { ${selection} }`;
const only = response(
    'certified_response_headers: ResponseHeaderList { headers: ["Accept-Encoding", "Cache-Control"] }'
);
const except = response('response_header_exclusions: ResponseHeaderList { headers: ["Content-Security-Policy"] }');
const anyRequest = 'no_request_certification: Empty {}';
const certification = (...parts: string[]): string => rule(`certification: Certification { ${parts.join(', ')} }`);

test('request hash: the published examples', () => {
    const post = (url: string): Parameters<typeof requestHash>[0] => ({
        method: 'POST',
        url,
        headers: [
            ['Accept-Language', 'en'],
            ['Accept-Language', 'en-US'],
            ['Host', 'https://ic0.app']
        ],
        body: Uint8Array.of(0, 1, 2, 3, 4, 5, 6)
    });
    const host = new Set(['host']);
    const plain = requestHash(post('/'), { headers: host, queryParameters: new Set() });
    expect(toHex(plain)).toBe('10796453466efb3e333891136b8a5931269f77e40ead9d437fcee94a02fa833c');
    const selection = { headers: host, queryParameters: new Set(['q', 'name']) };
    const url = '/?q=hello+world&name=foo&name=bar&color=purple';
    expect(toHex(requestHash(post(url), selection))).toBe(
        '3ade1c9054f05bc8bcebd3fd7b884078a6e67c63e5ac4a639fa46a47f5a955c9'
    );
    expect(requestHash(post(`${url}#there`), selection)).toEqual(requestHash(post(url), selection));
});

test.each([
    [
        'certified headers',
        certification(anyRequest, only),
        '3393250e3cedc30408dcb7e8963898c3d7549b8a0b76496b82fdfeae99c2ac78'
    ]
])('response hash: the published example with %s', (_name, expression, expected) => {
    const parsed = parseCertificationRule(expression);
    const headers = [
        ['IC-Certificate', 'certificate=:SGVsbG8gQ2VydGlmaWNhdGUh:,tree=:SGVsbG8gVHJlZSE=:'],
        ['IC-CertificateExpression', expression],
        ['Accept-Encoding', 'gzip'],
        ['Cache-Control', 'no-cache'],
        ['Cache-Control', 'no-store'],
        ['Content-Security-Policy', "default-src 'self'"]
    ] as const;
    const selection =
        parsed?.kind === 'response' ? parsed.response : ({ kind: 'only', names: new Set<string>() } as const);
    const page = { status: 200, headers, body: utf8('Hello World!') };
    expect(toHex(responseHash(page, certifiedHeaders(headers, selection), expression))).toBe(expected);
});

test('expressions: what they select', () => {
    expect(parseCertificationRule(rule('no_certification: Empty {}'))).toEqual({ kind: 'nothing' });
    const asked =
        'request_certification: RequestCertification { certified_request_headers: ["Host"], certified_query_parameters: ["q"] }';
    expect(parseCertificationRule(`\n ${certification(asked, except)} `)).toEqual({
        kind: 'response',
        request: { headers: new Set(['host']), queryParameters: new Set(['q']) },
        response: { kind: 'except', names: new Set(['content-security-policy']) }
    });
});

test.each([
    ['nothing', ''],
    ['another function', 'other(ValidationArgs{no_certification:Empty{}})'],
    ['both choices', rule(`no_certification: Empty {}, certification: Certification { ${anyRequest}, ${only} }`)],
    ['no answer', certification(anyRequest)],
    ['no request', certification(only)],
    [
        'both selections',
        certification(
            anyRequest,
            response(`certified_response_headers: ResponseHeaderList { headers: [] },
        response_header_exclusions: ResponseHeaderList { headers: [] }`)
        )
    ],
    ['numbers', certification(anyRequest, only).replace('"Accept-Encoding"', '1')],
    ['something behind it', `${certification(anyRequest, only)}x`],
    ['no end', certification(anyRequest, only).slice(0, -1)],
    ['depth', '['.repeat(50_000)]
])('expressions: refused with %s', (_name, text) => {
    expect(parseCertificationRule(text)).toBeUndefined();
});

/** A tree of expression paths without the first label. */
function treeOf(paths: readonly string[], pruned = false): HashTree {
    const below = (group: readonly (readonly string[])[]): HashTree => {
        const names = [...new Set(group.map(([first = '']) => first))];
        return labels(
            names.map((name) => {
                const rest = group.filter(([first]) => first === name).map((path) => path.slice(1));
                const isEnd = rest.every((path) => path.length === 0);
                return [utf8(name), isEnd ? leaf(new Uint8Array()) : below(rest)] as const;
            })
        );
    };
    const tree = below(paths.map((path) => path.split('/')));
    return labels([[utf8('http_expr'), pruned ? labels([[utf8('app'), new PrunedTree(tree.digest)]]) : tree]]);
}

const path = (text: string): string[] => ['http_expr', ...text.split('/')];

test.each([
    ['the path itself', ['app/<$>'], 'app/<$>', '/app', true],
    ['a directory is not a file', ['app/<$>'], 'app/<$>', '/app/', false],
    ['a directory', ['app//<$>'], 'app//<$>', '/app/', true],
    ['the root', ['/<$>'], '/<$>', '/', true],
    ['another path', ['app/<$>'], 'app/<$>', '/other', false],
    ['a path that is not in the tree', ['other/<$>'], 'app/<$>', '/app', false],
    ['a wildcard above', ['app/<*>', 'other/<*>'], 'app/<*>', '/app/a/b', true],
    ['a wildcard of a directory', ['app//<*>'], 'app//<*>', '/app/a', true],
    ['a wildcard elsewhere', ['app/<*>', 'other/<*>'], 'other/<*>', '/app/a', false],
    ['a wildcard where the path itself is certified', ['<*>', 'app/<$>'], '<*>', '/app', false],
    ['a wildcard where a more specific one is', ['<*>', 'app/<*>'], '<*>', '/app/a', false],
    ['a wildcard beside a more specific one for others', ['<*>', 'app/<*>'], '<*>', '/other', true],
    ['no ending', ['app/<$>'], 'app', '/app', false]
])('expression paths: %s', (_name, tree, expressionPath, requested, expected) => {
    expect(governs(path(expressionPath), requested, treeOf(tree))).toBe(expected);
});

test('expression paths: what is pruned may hold a more specific one', () => {
    const tree = labels([
        [
            utf8('http_expr'),
            labels([
                [utf8('<*>'), leaf(new Uint8Array())],
                [utf8('app'), new PrunedTree(new Uint8Array(32))]
            ])
        ]
    ]);
    expect([governs(path('<*>'), '/app/a', tree), governs(path('<*>'), '/other', tree)]).toEqual([false, true]);
});
