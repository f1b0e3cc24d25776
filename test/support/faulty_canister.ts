/**
 * A canister of the suite as it is deployed, whose messages from one caller fail as messages on the Internet Computer fail:
 * trapped when they would answer (which takes back what they did), executed with the reply lost, executed with the reply held back.
 */
import type { ActorMethod } from '@dfinity/agent';
import { IDL } from '@dfinity/candid';
import type { Principal } from '@dfinity/principal';
import { join } from 'node:path';
import { sourcesOf } from '../../bench/lib/canister_sources';
import { smallCanister } from '../../bench/lib/small_canister';
import { initArguments } from '../../src/client/deployment';
import type { CanisterName } from '../../src/core/peers';
import { BY_FORCE, picActor, toPicPrincipal } from './pic_actor';
import type { Suite } from './suite';

export const REPLY_FAULTS = ['none', 'trap', 'lost_reply', 'held_reply'] as const;
export type ReplyFault = (typeof REPLY_FAULTS)[number];

interface FaultService {
    set_fault: ActorMethod<[string, Principal], null>;
}

const interfaceOf: IDL.InterfaceFactory = ({ IDL: idl }) =>
    idl.Service({ set_fault: idl.Func([idl.Text, idl.Principal], [idl.Null], []) });

/** What is meant to happen to the reply that is about to be given, the body of a function: the same to every one. */
export const EVERY_REPLY = 'return msgCaller().toText() === target ? fault : "none";';

/**
 * The same, but only replies of what asked whether its caller is the hub are held back: those of update methods, because
 * a query cannot make the calls that keep it open.
 */
export const REPLIES_TO_HUB = `if (fault !== 'held_reply') { ${EVERY_REPLY} }
    const now = left;
    left = 'none';
    return now;`;
export const MARKS_HUB = `
let left = 'none';
const isPeer = wiring.peers.is.bind(wiring.peers);
wiring.peers.is = (who, name) => {
    const isIt = isPeer(who, name);
    if (isIt && name === 'hub') left = fault;
    return isIt;
};
`;

/**
 * A canister's module with one more class, `set_fault(fault, caller)`. `meets` says what happens to a reply; `more` is code in
 * front of the class.
 */
export function faultySource(root: string, name: CanisterName, meets: string, more = ''): string {
    return `import { call, canisterSelf, IDL, msgCaller, msgReject, Principal } from 'azle';
import endpoints from ${JSON.stringify(join(root, `canisters/${name}/index`))};
import * as wiring from ${JSON.stringify(join(root, `canisters/${name}/wiring`))};
import { SERVED_WHILE_PAUSED, update } from ${JSON.stringify(join(root, 'src/azle/endpoint'))};

let fault = 'none';
let target = '';

const ic = globalThis._azleIc;
const reply = ic.msgReply;
ic.msgReply = (data) => {
    const now = met();
    if (now === 'trap') throw new Error('a trap that a test asked for');
    if (now === 'lost_reply') return msgReject('the reply was lost');
    // A copy: the encoder writes the next message over it.
    if (now === 'held_reply') return void hold(data.slice());
    reply(data);
};

function met() {
    ${meets}
}

/** Keeps the call open with calls to itself until the fault ends. */
async function hold(data) {
    while (fault === 'held_reply') await call(canisterSelf(), 'beat', { raw: true });
    reply(data);
}
${more}
class Faults {
    @update([IDL.Text, IDL.Principal], IDL.Null, SERVED_WHILE_PAUSED)
    set_fault(next, caller) {
        fault = next;
        target = caller.toText();
        return null;
    }

    @update([], IDL.Null, SERVED_WHILE_PAUSED)
    beat() {
        return null;
    }
}

export default [...endpoints, Faults];
`;
}

/**
 * Upgrades a canister of the suite to the faulty one, on the same stable memory; the returned function sets the fault that
 * calls by `caller` meet. An upgrade ends it.
 */
export async function makeFaulty<Fault extends string = ReplyFault>(
    suite: Suite,
    name: CanisterName,
    caller: Principal,
    source = (root: string): string => faultySource(root, name, EVERY_REPLY),
    arg = initArguments(suite.ids, suite.options).get(name)
): Promise<(fault: Fault) => Promise<void>> {
    await suite.pic.upgradeCanister({
        canisterId: toPicPrincipal(suite.ids[name]),
        wasm: await smallCanister({ name: `faulty_${name}`, source, dependsOn: sourcesOf(name) }),
        arg: arg ?? new Uint8Array(),
        sender: toPicPrincipal(suite.deployer),
        upgradeModeOptions: BY_FORCE
    });
    const actor = picActor<FaultService>(suite.pic, interfaceOf, suite.ids[name], suite.deployer);
    return async (fault) => {
        await actor.set_fault(fault, caller);
    };
}
