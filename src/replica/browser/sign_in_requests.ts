/**
 * What dapps ask of a sign-in page, and what it answers: the messages of Internet Identity's authorization protocol (as
 * `@dfinity/auth-client` sends them), and JSON-RPC of the signer standards ICRC-25, 29 and 34 (as `@icp-sdk/auth` does).
 */
import { DelegationChain, Ed25519KeyIdentity } from '@dfinity/identity';
import { Principal } from '@dfinity/principal';

/** A dapp wants its session's key to speak for the user. */
export interface SignInRequest {
    /** DER. */
    readonly sessionPublicKey: Uint8Array;
    /** Whose user it is: users are different ones for each origin. */
    readonly origin: string;
    readonly maxTimeToLiveNs: bigint | undefined;
    /** Canisters that the session is limited to. */
    readonly targets: readonly Principal[] | undefined;
    /** The message for the dapp. */
    readonly answer: (chain: DelegationChain) => unknown;
}

/** What to do about a message: answer it at once, ask the user, or nothing. */
export type Incoming =
    | { readonly kind: 'answer'; readonly message: unknown }
    | { readonly kind: 'sign_in'; readonly request: SignInRequest }
    | { readonly kind: 'ignored' };

type Fields = Readonly<Record<string, unknown>>;

/** The first message to the window that opened the page. */
export const ready = { kind: 'authorize-ready' };

/** Reads a message of a window of this origin; whatever is malformed is ignored. */
export function readMessage(data: unknown, origin: string): Incoming {
    if (typeof data !== 'object' || data === null) return { kind: 'ignored' };
    const message = data as Fields;
    if (message.kind === 'authorize-client') return authorization(message, origin);
    if (message.jsonrpc !== '2.0' || typeof message.method !== 'string') return { kind: 'ignored' };
    return signerRequest(message, message.method, origin);
}

function authorization(message: Fields, origin: string): Incoming {
    const { sessionPublicKey, maxTimeToLive, derivationOrigin } = message;
    if (!(sessionPublicKey instanceof Uint8Array)) return { kind: 'ignored' };
    const request: SignInRequest = {
        sessionPublicKey,
        origin: typeof derivationOrigin === 'string' ? derivationOrigin : origin,
        maxTimeToLiveNs: typeof maxTimeToLive === 'bigint' ? maxTimeToLive : undefined,
        targets: undefined,
        answer: ({ delegations, publicKey }) => ({
            kind: 'authorize-client-success',
            delegations: delegations.map(({ delegation: { pubkey, expiration, targets }, signature }) => ({
                delegation: { pubkey: new Uint8Array(pubkey), expiration, targets },
                signature: new Uint8Array(signature)
            })),
            userPublicKey: new Uint8Array(publicKey),
            authnMethod: 'passkey'
        })
    };
    return { kind: 'sign_in', request };
}

const standards = ['ICRC-25', 'ICRC-29', 'ICRC-34'].map((name) => ({
    name,
    url: `https://github.com/dfinity/wg-identity-authentication/blob/main/topics/${name.toLowerCase().replace('-', '_')}.md`
}));
const granted = [{ scope: { method: 'icrc34_delegation' }, state: 'granted' }];
/** Of ICRC-25. */
const notSupported = { code: 2000, message: 'Not supported' };

function signerRequest({ id, params }: Fields, method: string, origin: string): Incoming {
    const answer = (content: object): Incoming => ({ kind: 'answer', message: { jsonrpc: '2.0', id, ...content } });
    switch (method) {
        case 'icrc29_status':
            return answer({ result: 'ready' });
        case 'icrc25_supported_standards':
            return answer({ result: { supportedStandards: standards } });
        case 'icrc25_permissions':
        case 'icrc25_request_permissions':
            return answer({ result: { scopes: granted } });
        case 'icrc34_delegation':
            return (
                delegationRequest(id, params, origin) ?? answer({ error: { code: -32602, message: 'Invalid params' } })
            );
        default:
            return answer({ error: notSupported });
    }
}

function delegationRequest(id: unknown, params: unknown, origin: string): Incoming | undefined {
    const { publicKey, targets, maxTimeToLive, icrc95DerivationOrigin } = (params ?? {}) as Fields;
    try {
        const request: SignInRequest = {
            sessionPublicKey: fromBase64(publicKey),
            origin: typeof icrc95DerivationOrigin === 'string' ? icrc95DerivationOrigin : origin,
            maxTimeToLiveNs: typeof maxTimeToLive === 'string' ? BigInt(maxTimeToLive) : undefined,
            targets: Array.isArray(targets) ? targets.map((target) => Principal.fromText(String(target))) : undefined,
            answer: (chain) => ({ jsonrpc: '2.0', id, result: signerDelegation(chain) })
        };
        return { kind: 'sign_in', request };
    } catch {
        // Not Base64, not a principal, or not a number.
        return undefined;
    }
}

function signerDelegation({ delegations, publicKey }: DelegationChain): unknown {
    return {
        publicKey: toBase64(publicKey),
        signerDelegation: delegations.map(({ delegation: { pubkey, expiration, targets }, signature }) => ({
            delegation: {
                pubkey: toBase64(pubkey),
                expiration: expiration.toString(),
                ...(targets === undefined ? {} : { targets: targets.map((target) => target.toText()) })
            },
            signature: toBase64(signature)
        }))
    };
}

/** Of Internet Identity: half an hour unless asked otherwise, and 30 days at most. */
const defaultTimeToLiveMs = 30 * 60_000;
const maxTimeToLiveMs = 30 * 24 * 3_600_000;

/** The test user of this name at the request's origin: the same key each time, which everybody can make. */
export async function testUser(name: string, origin: string): Promise<Ed25519KeyIdentity> {
    const text = new TextEncoder().encode(JSON.stringify(['test user', origin, name]));
    return Ed25519KeyIdentity.generate(new Uint8Array(await crypto.subtle.digest('SHA-256', text)));
}

/** Lets the session's key speak for the user. */
export async function delegate(
    user: Ed25519KeyIdentity,
    request: SignInRequest,
    nowMs: number
): Promise<DelegationChain> {
    const { sessionPublicKey, maxTimeToLiveNs, targets } = request;
    const wantedMs = maxTimeToLiveNs === undefined ? defaultTimeToLiveMs : Number(maxTimeToLiveNs / 1_000_000n);
    const expiration = new Date(nowMs + Math.min(wantedMs, maxTimeToLiveMs));
    const session = { toDer: () => sessionPublicKey };
    return DelegationChain.create(user, session, expiration, targets === undefined ? {} : { targets: [...targets] });
}

/** Throws for anything else. */
function fromBase64(text: unknown): Uint8Array {
    if (typeof text !== 'string') throw new TypeError('Base64 expected');
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

function toBase64(bytes: Uint8Array): string {
    return btoa(String.fromCharCode(...bytes));
}
