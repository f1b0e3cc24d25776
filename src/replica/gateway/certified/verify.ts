/** Whether a canister's answer is what it has certified (HTTP gateway protocol specification, "Response Verification"). */
import { gunzipSync, inflateSync } from 'node:zlib';
import { equalBytes, sha256, utf8 } from '../../wire/bytes';
import { decodeCbor } from '../../wire/cbor_decode';
import { certificateTimeNs } from '../../wire/certificate';
import { certificateOfData } from '../../wire/certified_data';
import type { HashTree } from '../../wire/hash_tree';
import { treeFromCbor } from '../../wire/hash_tree_cbor';
import { lookupLeaf, lookupPath } from '../../wire/lookup';
import { failure, success, type Result } from '../../wire/result';
import { parseCertificationRule } from './expression';
import { governs } from './expression_path';
import {
    certificateHeader,
    certifiedHeaders,
    expressionHeader,
    requestHash,
    responseHash,
    type Headers,
    type PageRequest,
    type PageResponse
} from './hashes';

/** By what an answer is judged. */
export interface Trust {
    readonly canisterId: Uint8Array;
    readonly rootKeyDer: Uint8Array;
    /** Nanoseconds since 1970; undefined where the clock is set by hand, so that age says nothing. */
    readonly nowNs: bigint | undefined;
}

/** Whether an answer comes with a certificate. */
export function isCertified({ headers }: PageResponse): boolean {
    return headerOf(headers, certificateHeader) !== undefined;
}

/** The headers that may be passed on, or why the answer must not be believed. */
export function verifyResponse(request: PageRequest, response: PageResponse, trust: Trust): Result<Headers, string> {
    const header = headerOf(response.headers, certificateHeader);
    if (header === undefined) return failure('the answer is not certified');
    const fields = parseHeader(header);
    const tree = treeOf(fields.get('tree'));
    const certificate = base64(fields.get('certificate'));
    if (tree === undefined || certificate === undefined) return failure('its certificate or tree is unreadable');
    const valid = certificateOfData(certificate, trust.canisterId, tree.digest, trust.rootKeyDer);
    if (valid === undefined) return failure('the certificate does not speak for this canister and tree');
    if (!isFresh(certificateTimeNs(valid), trust.nowNs)) return failure('the certificate is not of now');
    const path = pathOf(request.url);
    if (path === undefined) return failure('the path has no percent encoding');
    const version = fields.get('version') ?? '1';
    if (version === '1') return verifyBody(path, response, tree);
    return version === '2'
        ? verifyByExpression(request, response, { tree, path, expressionPath: pathLabels(fields.get('expr_path')) })
        : failure(`version ${version} of certification is unknown`);
}

function headerOf(headers: Headers, name: string): string | undefined {
    return headers.find(([key]) => key.toLowerCase() === name)?.[1];
}

/** `name=:value:` or `name=value`, separated by commas; the first of a name counts. */
function parseHeader(header: string): ReadonlyMap<string, string> {
    const fields = new Map<string, string>();
    for (const field of header.split(',')) {
        const [, name, value] = /^\s*(\w+)=:?([^:]+):?\s*$/.exec(field) ?? [];
        if (name !== undefined && value !== undefined && !fields.has(name)) fields.set(name, value.trim());
    }
    return fields;
}

function base64(text: string | undefined): Uint8Array | undefined {
    const isBase64 = text !== undefined && /^[A-Za-z0-9+/]+={0,2}$/.test(text);
    return isBase64 ? new Uint8Array(Buffer.from(text, 'base64')) : undefined;
}

/** Answers have 3 MiB; their headers may hold a long proof. */
const limits = { depth: 1024, bytes: 4 * 1024 * 1024 };

function treeOf(text: string | undefined): HashTree | undefined {
    const decoded = decodeCbor(base64(text) ?? new Uint8Array(), limits);
    return decoded.ok ? treeFromCbor(decoded.value) : undefined;
}

function pathLabels(text: string | undefined): readonly string[] | undefined {
    const decoded = decodeCbor(base64(text) ?? new Uint8Array(), limits);
    const items: readonly unknown[] = decoded.ok && Array.isArray(decoded.value) ? decoded.value : [];
    const labels = items.flatMap((item) => (typeof item === 'string' ? [item] : []));
    return labels.length > 0 && labels.length === items.length ? labels : undefined;
}

/** Gateways allow five minutes either way. */
const maxAgeNs = 300_000_000_000n;

function isFresh(timeNs: bigint | undefined, nowNs: bigint | undefined): boolean {
    if (timeNs === undefined) return false;
    return nowNs === undefined || (timeNs >= nowNs - maxAgeNs && timeNs <= nowNs + maxAgeNs);
}

/** Decoded, without the query string. */
function pathOf(url: string): string | undefined {
    try {
        return decodeURIComponent(url.split(/[?#]/)[0] ?? '');
    } catch {
        // Clients may send anything.
        return undefined;
    }
}

/** The first version: the tree has the hash of the body, before or after its content encoding, and says nothing of the rest. */
function verifyBody(path: string, { status, headers, body }: PageResponse, tree: HashTree): Result<Headers, string> {
    const asset = (name: string): Uint8Array | undefined => lookupLeaf(tree, [utf8('http_assets'), utf8(name)]);
    // The page of applications that have their routes in the browser.
    const expected = asset(path) ?? asset('/index.html');
    if (expected === undefined) return failure('the tree has no hash of this path');
    const plain = decoded(body, headerOf(headers, 'content-encoding'));
    const bodies = plain === undefined ? [body] : [body, plain];
    if (!bodies.some((bytes) => equalBytes(sha256(bytes), expected)))
        return failure('the body is not the certified one');
    // The status is not certified; a redirection would lead anywhere.
    return status >= 300 && status < 400
        ? failure('version 1 of certification allows no redirections')
        : success(headers);
}

/** Compressed bodies of 3 MiB can grow a thousandfold. */
const maxDecodedBytes = 32 * 1024 * 1024;

function decoded(body: Uint8Array, encoding: string | undefined): Uint8Array | undefined {
    const decode = encoding === 'gzip' ? gunzipSync : encoding === 'deflate' ? inflateSync : undefined;
    try {
        return decode?.(body, { maxOutputLength: maxDecodedBytes });
    } catch {
        // The canister's bytes are not what it calls them.
        return undefined;
    }
}

interface Proof {
    readonly tree: HashTree;
    readonly path: string;
    readonly expressionPath: readonly string[] | undefined;
}

/** The second version: an expression says which parts are certified. Headers that are not are dropped. */
function verifyByExpression(
    request: PageRequest,
    response: PageResponse,
    { tree, path, expressionPath }: Proof
): Result<Headers, string> {
    const expression = headerOf(response.headers, expressionHeader);
    const rule = expression === undefined ? undefined : parseCertificationRule(expression);
    if (expression === undefined || rule === undefined) return failure('its certification expression is unreadable');
    if (expressionPath === undefined || !governs(expressionPath, path, tree))
        return failure('the expression path is not the one for this path');
    const place = [...expressionPath.map((label) => utf8(label)), sha256(utf8(expression))];
    if (rule.kind === 'nothing') {
        return lookupPath(tree, place).kind === 'found'
            ? success(response.headers)
            : failure('the tree does not have the expression');
    }
    const asked = rule.request === undefined ? new Uint8Array() : requestHash(request, rule.request);
    const headers = certifiedHeaders(response.headers, rule.response);
    const proof = lookupLeaf(tree, [...place, asked, responseHash(response, headers, expression)]);
    return proof?.length === 0 ? success(headers) : failure('request or response are not the certified ones');
}
