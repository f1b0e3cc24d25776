import { lookup as lookUp, type LookupAddress } from 'node:dns';
import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import type { FetchInput } from '../input';

export interface HttpInputOptions {
    /** Also from this machine and the network around it. */
    readonly allowPrivate: boolean;
    readonly timeoutMs: number;
}

/** A locator of a user leads where only this machine should reach. */
class PrivateAddress extends Error {
    constructor(readonly address: string) {
        super(`${address} is not public`);
        this.name = 'PrivateAddress';
    }
}

/** Special-purpose addresses (RFC 6890, RFC 4193, RFC 4291) that no user may have this node ask. */
const PRIVATE = new BlockList();
for (const [net, bits] of [
    ['0.0.0.0', 8],
    ['10.0.0.0', 8],
    ['100.64.0.0', 10],
    ['127.0.0.0', 8],
    ['169.254.0.0', 16],
    ['172.16.0.0', 12],
    ['192.0.0.0', 24],
    ['192.168.0.0', 16],
    ['198.18.0.0', 15],
    ['224.0.0.0', 3]
] as const) {
    PRIVATE.addSubnet(net, bits, 'ipv4');
}
for (const [net, bits] of [
    ['::', 127],
    ['64:ff9b::', 96],
    ['fc00::', 7],
    ['fe80::', 10],
    ['ff00::', 8]
] as const) {
    PRIVATE.addSubnet(net, bits, 'ipv6');
}

export function isPublic(address: string): boolean {
    const family = isIP(address);
    return family !== 0 && !PRIVATE.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

/** Inputs over HTTP and HTTPS. Redirects are not followed: a locator says itself where it leads. */
export function httpInputs(options: HttpInputOptions): FetchInput {
    return async (url, maxBytes, signal) => {
        const parsed = URL.canParse(url) ? new URL(url) : undefined;
        if (parsed?.protocol !== 'http:' && parsed?.protocol !== 'https:') return undefined;
        const host = parsed.hostname.replace(/^\[|\]$/g, '');
        if (!options.allowPrivate && isIP(host) !== 0 && !isPublic(host)) return undefined;
        const limit = AbortSignal.any([signal, AbortSignal.timeout(options.timeoutMs)]);
        const response = await answered(parsed, options, limit);
        return response.statusCode === 200 ? bytesOf(response, maxBytes) : void response.destroy();
    };
}

function answered(url: URL, { allowPrivate }: HttpInputOptions, signal: AbortSignal): Promise<IncomingMessage> {
    const open = url.protocol === 'https:' ? requestHttps : requestHttp;
    const lookup = allowPrivate ? undefined : publicLookup;
    return new Promise((resolve, reject) => {
        open(url, { signal, lookup }, resolve).on('error', reject).end();
    });
}

/** The address that is checked is the one that is connected to, so that no second answer of a name can differ. */
const publicLookup: LookupFunction = (hostname, options, callback) => {
    lookUp(hostname, { ...options, all: true }, (failure, addresses: LookupAddress[]) => {
        const bad = addresses?.find(({ address }) => !isPublic(address));
        const [first] = addresses ?? [];
        if (failure !== null || first === undefined) return callback(failure ?? new PrivateAddress(hostname), '', 0);
        if (bad !== undefined) return callback(new PrivateAddress(bad.address), '', 0);
        if (options.all) callback(null, addresses);
        else callback(null, first.address, first.family);
    });
};

/** A byte more than was told makes another hash: the rest is left. */
async function bytesOf(response: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
    const pieces: Buffer[] = [];
    let length = 0;
    for await (const piece of response as AsyncIterable<Buffer>) {
        pieces.push(piece);
        length += piece.length;
        if (length > maxBytes) break;
    }
    return Uint8Array.from(Buffer.concat(pieces));
}
