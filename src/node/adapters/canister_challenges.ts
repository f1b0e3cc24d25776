import type { ActorSubclass } from '@dfinity/agent';
import type { Principal } from '@dfinity/principal';
import { asked } from '../../client/asked';
import type { _SERVICE } from '../../declarations/state_machine';
import { toHex } from '../../core/bytes';
import { err } from '../../core/result';
import { KnownVersions } from '../poc/known_versions';
import type { Challenge, ChallengeSource } from '../poc/ports';
import { toResult, variantName } from './to_result';

type Actor = ActorSubclass<_SERVICE>;
type PocView = NonNullable<Awaited<ReturnType<Actor['get_open_poc']>>[0]>;

const NS_PER_MS = 1_000_000n;

/** The challenges of the state_machine canister, for one node. */
export function canisterChallenges(actor: Actor, node: Principal): ChallengeSource {
    const versions = new KnownVersions(async () => {
        const specs = await actor.list_poc_specs();
        return specs.map(({ version, vectors_hash: hash }) => ({ version, vectorsHash: toHex(Uint8Array.from(hash)) }));
    });
    return {
        open: () =>
            asked('get_open_poc', async () => {
                const [view] = await actor.get_open_poc(node);
                return view && fromPocView(view);
            }),
        find: (id) =>
            asked('get_poc', async () => {
                const [view] = await actor.get_poc(id);
                return view && fromPocView(view);
            }),
        accept: ({ id, version }) =>
            asked('accept_poc', async () => {
                const wanted = await versions.toBeginBy(version);
                if (wanted === undefined) return err({ code: 'UnknownVersion' });
                return toResult(await actor.accept_poc(id, [wanted]), fromPocView);
            }),
        commit: (id, { commitment, rounds }) =>
            asked('commit_poc', async () => toResult(await actor.commit_poc({ id, commitment, rounds }), fromPocView)),
        show: (id, opening) => asked('open_poc', async () => toResult(await actor.open_poc(id, opening), fromPocView))
    };
}

function fromPocView(view: PocView): Challenge {
    const [deadlineNs] = view.deadline_ns;
    const [rounds] = view.rounds;
    const commitment = bytes(view.commitment);
    const [fault] = view.fault;
    return {
        id: view.id,
        state: variantName(view.state),
        version: view.version,
        slot: {
            shape: { dimension: view.dimension, rows: view.rows },
            slotSeed: Uint8Array.from(view.slot_seed)
        },
        windowMs: Number(view.window_ms),
        samples: view.samples,
        deadlineMs: deadlineNs === undefined ? undefined : Number(deadlineNs / NS_PER_MS),
        nodeSeed: bytes(view.node_seed),
        committed: rounds === undefined || commitment === undefined ? undefined : { rounds, commitment },
        sampleRandomness: bytes(view.sample_randomness),
        eValueE8: view.e_value_e8[0],
        fault: fault && variantName(fault)
    };
}

function bytes([value]: [] | [Uint8Array | number[]]): Uint8Array | undefined {
    return value && Uint8Array.from(value);
}
