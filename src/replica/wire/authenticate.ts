/** Who a request is by, and whether it may be by them (interface specification, "Authentication"). */
import { concatBytes, domainSeparator, equalBytes, toHex } from './bytes';
import { anonymousPrincipal, parsePublicKey, selfAuthenticating } from './der';
import {
    includesPrincipal,
    type CanisterRequest,
    type Delegation,
    type Envelope,
    type RequestContent
} from './envelope';
import { refuse, type Refusal } from './refusal';
import { failure, success, type Result } from './result';
import { verifySignature } from './signature';

/** A request whose signatures hold. What depends on the clock is still to be checked, by `checkTimes`. */
export interface AuthenticRequest<Content extends RequestContent = RequestContent> {
    readonly content: Content;
    /** When the first delegation of the chain ends; undefined without delegations. */
    readonly delegationExpiryNs?: bigint;
    /** Canisters that all delegations allow; undefined for any. */
    readonly targets?: readonly Uint8Array[];
}

const requestDomain = domainSeparator('ic-request');
const delegationDomain = domainSeparator('ic-request-auth-delegation');
const senderInfoDomain = domainSeparator('ic-sender-info');

/** Verifies sender, delegation chain and signature. */
export function authenticate(envelope: Envelope, rootKeyDer: Uint8Array): Result<AuthenticRequest, Refusal> {
    const { content, publicKey, signature, delegations } = envelope;
    if (equalBytes(content.sender, anonymousPrincipal)) {
        const signed = publicKey !== undefined || signature !== undefined || delegations.length > 0;
        return signed
            ? failure(refuse('invalid_signature', 'An anonymous request must not carry a key or a signature'))
            : success({ content });
    }
    if (publicKey === undefined || signature === undefined) {
        return failure(refuse('invalid_signature', 'The request is not signed'));
    }
    if (!equalBytes(content.sender, selfAuthenticating(publicKey))) {
        return failure(refuse('wrong_sender', 'The sender is not the principal of the public key'));
    }
    const chain = followChain(publicKey, delegations, content, rootKeyDer);
    if (!chain.ok) {
        return chain;
    }
    const message = concatBytes(requestDomain, content.requestId);
    if (!verifySignature(chain.value, message, signature, rootKeyDer)) {
        return failure(refuse('invalid_signature', 'Invalid signature'));
    }
    const infoRefusal = content.type === 'read_state' ? undefined : checkSenderInfo(content, publicKey, rootKeyDer);
    return infoRefusal === undefined ? success({ content, ...summary(delegations) }) : failure(infoRefusal);
}

/** The key that has to sign the request, when the chain from the sender's key to it holds. */
function followChain(
    firstKey: Uint8Array,
    delegations: readonly Delegation[],
    content: RequestContent,
    rootKeyDer: Uint8Array
): Result<Uint8Array, Refusal> {
    const seen = new Set([toHex(firstKey)]);
    let key = firstKey;
    for (const delegation of delegations) {
        const next = toHex(delegation.publicKey);
        if (seen.has(next)) {
            return failure(refuse('invalid_delegation', 'Invalid delegation: a key occurs twice in the chain'));
        }
        seen.add(next);
        const message = concatBytes(delegationDomain, delegation.hash);
        if (!verifySignature(key, message, delegation.signature, rootKeyDer)) {
            return failure(refuse('invalid_delegation', 'Invalid delegation: its signature does not verify'));
        }
        const refusal = checkScope(delegation, content);
        if (refusal !== undefined) {
            return failure(refusal);
        }
        key = delegation.publicKey;
    }
    return success(key);
}

function checkScope({ targets, queriesOnly }: Delegation, content: RequestContent): Refusal | undefined {
    if (content.type === 'call' && queriesOnly) {
        return refuse('invalid_delegation', 'Invalid delegation: it permits queries only');
    }
    if (content.type !== 'read_state' && targets !== undefined && !includesPrincipal(targets, content.canisterId)) {
        return refuse('invalid_delegation', 'Invalid delegation: the canister is not one of its targets');
    }
    return undefined;
}

/** Attributes are only possible for canister-signature identities, signed by the identity's own canister. */
function checkSenderInfo(content: CanisterRequest, publicKey: Uint8Array, rootKeyDer: Uint8Array): Refusal | undefined {
    const { senderInfo } = content;
    if (senderInfo === undefined) {
        return undefined;
    }
    const key = parsePublicKey(publicKey);
    const signer = key?.scheme === 'canister' ? key.raw.subarray(1, 1 + (key.raw[0] ?? 0)) : undefined;
    const valid =
        signer !== undefined &&
        equalBytes(signer, senderInfo.signer) &&
        verifySignature(publicKey, concatBytes(senderInfoDomain, senderInfo.info), senderInfo.signature, rootKeyDer);
    return valid ? undefined : refuse('invalid_signature', 'Invalid sender_info');
}

function summary(delegations: readonly Delegation[]): Pick<AuthenticRequest, 'delegationExpiryNs' | 'targets'> {
    let delegationExpiryNs: bigint | undefined;
    let targets: readonly Uint8Array[] | undefined;
    for (const delegation of delegations) {
        if (delegationExpiryNs === undefined || delegation.expirationNs < delegationExpiryNs) {
            delegationExpiryNs = delegation.expirationNs;
        }
        const own = delegation.targets;
        if (own !== undefined) {
            targets = targets?.filter((target) => includesPrincipal(own, target)) ?? own;
        }
    }
    return { delegationExpiryNs, targets };
}
