import { connectAgent } from '../../client/agent';
import { canisterActor, type Services } from '../../client/canisters';
import { loadIdentity } from '../../client/key_file';
import { CANISTERS } from '../../core/peers';
import { CommandFailed } from '../command_failed';
import { readDeployment } from '../deployment_file';
import type { Print } from '../print';

/** What the commands about one canister are told. */
export interface CanisterCommandOptions {
    /** File that says where the suite runs. */
    readonly deployment: string;
    /** Key of the caller, as PEM. */
    readonly key: string;
}

/** All but the ledger: holders' tokens are never frozen. */
const PAUSABLE = ['rewards', 'state_machine', 'hub', 'compute_gateway'] as const;
type Pausable = (typeof PAUSABLE)[number];
type Status = Awaited<ReturnType<Services[Pausable]['status']>>;

/** Pauses a canister or ends its pause, and prints how it stands. @throws {@link CommandFailed} */
export async function pauseCanister(
    name: string,
    paused: boolean,
    options: CanisterCommandOptions,
    print: Print
): Promise<void> {
    const { actor, caller } = await connect(name, options);
    if ('Err' in (await actor.set_paused(paused))) {
        throw new CommandFailed(`${caller} is no controller of ${name}.`, [
            '--key names the key of a controller; the community pauses by a proposal that calls `set_paused`.'
        ]);
    }
    for (const line of statusLines(name, await actor.status())) print(line);
}

/** Prints how a canister stands. @throws {@link CommandFailed} */
export async function printStatus(name: string, options: CanisterCommandOptions, print: Print): Promise<void> {
    const { actor } = await connect(name, options);
    for (const line of statusLines(name, await actor.status())) print(line);
}

async function connect(name: string, { deployment, key }: CanisterCommandOptions) {
    const canister = PAUSABLE.find((pausable) => pausable === name);
    if (canister === undefined) throw new CommandFailed(`${name}: one of ${PAUSABLE.join(', ')} is meant.`);
    const { access, ids } = await readDeployment(deployment);
    const identity = await loadIdentity(key);
    const actor = canisterActor(canister, await connectAgent(access, identity), ids[canister]);
    return { actor, caller: identity.getPrincipal().toText() };
}

function statusLines(name: string, status: Status): readonly string[] {
    const { version, schema_version: schema, paused, peers, cycles, last_timer_ns: last } = status;
    const unknown = CANISTERS.filter((peer) => peer !== name && peers[peer].length === 0);
    return [
        paused ? `${name} is paused: it takes nothing new.` : `${name} is not paused.`,
        `  version ${version}, schema ${schema}, ${cycles} cycles`,
        unknown.length === 0 ? '  knows all its peers' : `  does not know ${unknown.join(', ')}`,
        last[0] === undefined ? '  no timer since the last upgrade' : `  last timer ${isoOf(last[0])}`
    ];
}

function isoOf(ns: bigint): string {
    return new Date(Number(ns / 1_000_000n)).toISOString();
}
