import {
    HttpAgent,
    type ApiQueryResponse,
    type HttpAgentOptions,
    type Identity,
    type QueryFields
} from '@dfinity/agent';
import { Principal } from '@dfinity/principal';
import { isSignedByNodes, type NodeKeys } from './node_signatures';

/** A query was answered by nobody whom the subnet vouches for: the answer may be anything. */
export class UnsignedAnswer extends Error {
    constructor(
        readonly canister: string,
        readonly method: string
    ) {
        super(`the answer of ${method} is not signed by a node of the canister's subnet`);
        this.name = 'UnsignedAnswer';
    }
}

/** How long the keys of a subnet's nodes are believed. */
const KEYS_MS = 5 * 60_000;
/** Oldest answer that is taken: as old as a request may be. */
const MAX_AGE_MS = 5 * 60_000;

/**
 * An agent that verifies the signatures of queries with OpenSSL: the library's own check, in JavaScript, takes longer than
 * everything else about a query. The keys come from the subnet's certificate, as there.
 */
export class FastAgent extends HttpAgent {
    private readonly nodes = new Map<string, { readonly keys: Promise<NodeKeys>; readonly untilMs: number }>();

    constructor(options: HttpAgentOptions) {
        super({ ...options, verifyQuerySignatures: false });
    }

    /** @throws {@link UnsignedAnswer} */
    override async query(
        canisterId: Principal | string,
        fields: QueryFields,
        identity?: Identity | Promise<Identity>
    ): Promise<ApiQueryResponse> {
        const canister = fields.effectiveCanisterId ?? Principal.from(canisterId);
        const [answer, keys] = await Promise.all([super.query(canisterId, fields, identity), this.nodeKeys(canister)]);
        const oldestMs = Date.now() + this.getTimeDiffMsecs() - MAX_AGE_MS;
        if (isSignedByNodes(answer, keys, oldestMs)) return answer;
        // The subnet may have other nodes by now.
        this.nodes.delete(canister.toText());
        if (isSignedByNodes(answer, await this.nodeKeys(canister), oldestMs)) return answer;
        throw new UnsignedAnswer(canister.toText(), fields.methodName);
    }

    private nodeKeys(canister: Principal): Promise<NodeKeys> {
        const name = canister.toText();
        const known = this.nodes.get(name);
        if (known !== undefined && performance.now() < known.untilMs) return known.keys;
        const keys = this.fetchSubnetKeys(canister).then((subnet): NodeKeys => subnet?.nodeKeys ?? new Map());
        this.nodes.set(name, { keys, untilMs: performance.now() + KEYS_MS });
        keys.catch(() => this.nodes.delete(name));
        return keys;
    }
}
