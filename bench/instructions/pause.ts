/** What it costs a canister to ask whether it is paused: every method that users begin something with does. */
import type { ActorMethod } from '@dfinity/agent';
import { IDL } from '@dfinity/candid';
import { join } from 'node:path';
import { once, type Benchmark } from '../lib/benchmark';
import { NO_ARGUMENTS } from '../lib/empty_canister';
import { LocalNetwork } from '../lib/local_network';
import { repeat } from '../lib/repeat';
import { smallCanister } from '../lib/small_canister';

/** Two methods that differ in nothing but their pause. */
function source(root: string): string {
    const path = (file: string): string => JSON.stringify(join(root, 'src', 'azle', file));
    return `import { IDL } from 'azle';
import { SERVED_WHILE_PAUSED, update } from ${path('endpoint')};
import { PauseSwitch } from ${path('pause')};
import { StableTables } from ${path('stable_tables')};

const Result = IDL.Variant({ Ok: IDL.Null, Err: IDL.Variant({ Paused: IDL.Null }) });
const pause = new PauseSwitch(new StableTables());

export default class {
    @update([], Result)
    stopped(): object {
        return { Ok: null };
    }

    @update([], Result, SERVED_WHILE_PAUSED)
    served(): object {
        return { Ok: null };
    }

    @update([IDL.Bool], IDL.Null, SERVED_WHILE_PAUSED)
    set_paused(paused: boolean): null {
        pause.set(paused, true);
        return null;
    }
}
`;
}

type Answer = { Ok: null } | { Err: { Paused: null } };

interface Pausable {
    stopped: ActorMethod<[], Answer>;
    served: ActorMethod<[], Answer>;
    set_paused: ActorMethod<[boolean], null>;
}

const pausableInterface: IDL.InterfaceFactory = ({ IDL: idl }) => {
    const Result = idl.Variant({ Ok: idl.Null, Err: idl.Variant({ Paused: idl.Null }) });
    return idl.Service({
        stopped: idl.Func([], [Result], []),
        served: idl.Func([], [Result], []),
        set_paused: idl.Func([idl.Bool], [idl.Null], [])
    });
};

/** The canister was paused and served, or the other way round. */
class WrongAnswer extends Error {
    constructor() {
        super('the canister does not do as its pause says');
        this.name = 'WrongAnswer';
    }
}

/** The first call of each method compiles its codecs, and the first question reads stable memory: both are made here. */
const installed = once(async () => {
    const network = new LocalNetwork();
    const canister = network.create();
    network.install(canister, await smallCanister({ name: 'pausable', source }), NO_ARGUMENTS);
    const actor = network.actor<Pausable>(pausableInterface, canister, network.deployer);
    actor.served();
    actor.set_paused(true);
    if (!('Err' in actor.stopped())) throw new WrongAnswer();
    actor.set_paused(false);
    if (!('Ok' in actor.stopped())) throw new WrongAnswer();
    return { network, actor };
});

export const pauseBenchmarks: readonly Benchmark[] = [
    {
        name: 'pause_check',
        unit: 'instructions',
        description: 'What a method costs more because a pause can stop it.',
        runs: async () => {
            const { network, actor } = await installed();
            return repeat(() => {
                const stopped = network.instructionsOf(() => actor.stopped());
                return stopped - network.instructionsOf(() => actor.served());
            });
        }
    }
];
