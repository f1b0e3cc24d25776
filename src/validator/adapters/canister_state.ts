import type { ActorSubclass } from '@dfinity/agent';
import { Principal } from '@dfinity/principal';
import type { _SERVICE } from '../../declarations/state_machine';
import type { ComputeNode, PendingProof, Standing, StateMachinePort } from '../ports';
import { refusalOf } from './refusal';

const PAGE = 100n;
const NS_PER_MS = 1_000_000n;
/** Pages followed in one look: a bound against a network that never ends its list. */
const MAX_PAGES = 1_000;

/** The validator's own key, as the registry wants it. */
export interface OwnKey {
    readonly principal: Principal;
    /** DER. */
    readonly publicKey: Uint8Array;
}

type NodeView = Awaited<ReturnType<_SERVICE['list_nodes']>>['nodes'][number];
type PocView = Awaited<ReturnType<_SERVICE['list_pocs_to_attest']>>['pocs'][number];

/** The state machine canister through a typed actor that signs with the validator's key. */
export function canisterState(actor: ActorSubclass<_SERVICE>, own: OwnKey): StateMachinePort {
    return {
        isRegistered: async () => (await actor.get_node(own.principal)).length > 0,
        async register(region, bandwidthMbps) {
            const application = { class: { validator: null }, public_key: own.publicKey, region };
            return refusalOf(await actor.register_node({ ...application, bandwidth_mbps: bandwidthMbps }));
        },
        report: async (version) =>
            refusalOf(await actor.report_status({ queue_depth: 0, capacity: 0, apps: [], version })),
        isValidator: () => actor.is_validator(own.principal),
        validatorCount: async () => (await actor.list_validators()).validators.length,
        proofSpacingMs: async () => Number((await actor.get_poc_policy()).spacing_s) * 1_000,
        async onlineComputeNodes() {
            const views = await allPages(async (start) => {
                const { nodes, next } = await actor.list_online_nodes(start, PAGE);
                return { items: nodes, next };
            });
            return views.filter((view) => 'compute' in view.class).map(toComputeNode);
        },
        async appsOf(node) {
            const [view] = await actor.get_node(Principal.fromText(node));
            return view?.apps ?? [];
        },
        async standings(nodes) {
            const standings = new Map<string, Standing>();
            for (let from = 0; from < nodes.length; from += Number(PAGE)) {
                const asked = nodes.slice(from, from + Number(PAGE)).map((node) => Principal.fromText(node));
                for (const { node, proven, failures, probed_by: probedBy } of await actor.get_poc_scores(asked)) {
                    standings.set(node.toText(), { failures, isMine: !proven && includes(probedBy, own.principal) });
                }
            }
            return standings;
        },
        requestProof: async (node) => refusalOf(await actor.request_poc(Principal.fromText(node))),
        async pendingProofs() {
            const views = await allPages(async (start) => {
                const { pocs, next } = await actor.list_pocs_to_attest(start, PAGE);
                return { items: pocs, next };
            });
            return views.flatMap((view) => toPendingProof(view, own.principal));
        },
        async opening(id) {
            const [opening] = await actor.get_poc_opening(id);
            return opening && Uint8Array.from(opening);
        },
        attest: async (id, ok) => refusalOf(await actor.attest_poc({ id, ok }))
    };
}

async function allPages<T>(
    fetchPage: (start: bigint) => Promise<{ items: readonly T[]; next: [] | [bigint] }>
): Promise<readonly T[]> {
    const all: T[] = [];
    let start: bigint | undefined = 0n;
    for (let page = 0; start !== undefined && page < MAX_PAGES; page++) {
        const { items, next }: { items: readonly T[]; next: [] | [bigint] } = await fetchPage(start);
        all.push(...items);
        start = next[0];
    }
    return all;
}

function toComputeNode(view: NodeView): ComputeNode {
    return {
        node: view.node.toText(),
        isActive: 'Active' in view.status,
        isNew: 'Registered' in view.status,
        apps: view.apps,
        lastPocMs: Number(view.last_poc_ns / NS_PER_MS)
    };
}

/** What is not committed to cannot be verified: the canister never lists such a proof, so it is passed over. */
function toPendingProof(view: PocView, own: Principal): PendingProof[] {
    const [nodeSeed] = view.node_seed;
    const [commitment] = view.commitment;
    const [rounds] = view.rounds;
    const [randomness] = view.sample_randomness;
    if (nodeSeed === undefined || commitment === undefined || rounds === undefined || randomness === undefined) {
        return [];
    }
    const claim = {
        shape: { dimension: view.dimension, rows: view.rows },
        slotSeed: Uint8Array.from(view.slot_seed),
        nodeSeed: Uint8Array.from(nodeSeed),
        rounds,
        commitment: Uint8Array.from(commitment)
    };
    const drawing = { count: view.samples, randomness: Uint8Array.from(randomness) };
    return [{ id: view.id, node: view.node.toText(), claim, drawing, hasMyVote: includes(view.voters, own) }];
}

function includes(principals: readonly Principal[], wanted: Principal): boolean {
    return principals.some((principal) => principal.compareTo(wanted) === 'eq');
}
