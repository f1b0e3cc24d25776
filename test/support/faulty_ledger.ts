/**
 * The ledger as it is deployed, whose transfers for one caller fail as messages on the Internet Computer fail: refused for now,
 * trapped after they were booked (which takes them back), executed with the reply lost, executed with the reply held back.
 */
import type { ActorMethod } from '@dfinity/agent';
import { IDL } from '@dfinity/candid';
import type { Principal } from '@dfinity/principal';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { smallCanister } from '../../bench/lib/small_canister';
import { projectRoot } from '../../scripts/lib/project';
import { initArguments } from '../../src/client/deployment';
import { picActor, toPicPrincipal } from './pic_actor';
import type { Suite } from './suite';

export const LEDGER_FAULTS = ['none', 'unavailable', 'trap', 'lost_reply', 'held_reply'] as const;
export type LedgerFault = (typeof LEDGER_FAULTS)[number];

interface FaultService {
    set_fault: ActorMethod<[LedgerFault, Principal], null>;
}

const interfaceOf: IDL.InterfaceFactory = ({ IDL: idl }) =>
    idl.Service({ set_fault: idl.Func([idl.Text, idl.Principal], [idl.Null], []) });

const source = (root: string): string => `import { call, IDL, msgReject, Principal } from 'azle';
import endpoints from ${JSON.stringify(join(root, 'canisters/token_icrc1/index'))};
import { env, ledger } from ${JSON.stringify(join(root, 'canisters/token_icrc1/wiring'))};
import { SERVED_WHILE_PAUSED, update } from ${JSON.stringify(join(root, 'src/azle/endpoint'))};

let fault = 'none';
let target = '';
let met = 'none';

const ic = globalThis._azleIc;
const reply = ic.msgReply;
ic.msgReply = (data) => {
    const now = met;
    met = 'none';
    if (now === 'lost_reply') return msgReject('the reply was lost');
    if (now === 'held_reply') return void hold(data);
    reply(data);
};

/** Keeps the call open with calls to itself until the fault ends. */
async function hold(data) {
    while (fault === 'held_reply') await call(env.self(), 'beat', { raw: true });
    reply(data);
}

for (const name of ['transfer', 'transferFrom']) {
    const original = ledger[name].bind(ledger);
    ledger[name] = (order, nowNs) => {
        if (env.caller().toText() !== target || fault === 'none') return original(order, nowNs);
        if (fault === 'unavailable') return { ok: false, error: { kind: 'temporarily_unavailable' } };
        const result = original(order, nowNs);
        if (fault === 'trap') throw new Error('a trap that a test asked for');
        met = fault;
        return result;
    };
}

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

function ledgerSources(): readonly string[] {
    const root = projectRoot();
    return readdirSync(join(root, 'canisters/token_icrc1'), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
        .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
        .sort();
}

/**
 * Upgrades the suite's ledger to the faulty one, on the same stable memory; the returned function sets the fault, which an upgrade
 * ends.
 */
export async function makeLedgerFaulty(
    suite: Suite,
    arg = initArguments(suite.ids, suite.options).get('token_icrc1')
): Promise<(fault: LedgerFault) => Promise<void>> {
    const ledger = suite.ids.token_icrc1;
    await suite.pic.upgradeCanister({
        canisterId: toPicPrincipal(ledger),
        wasm: await smallCanister({ name: 'faulty_ledger', source, dependsOn: ledgerSources() }),
        arg: arg ?? new Uint8Array(),
        sender: toPicPrincipal(suite.deployer)
    });
    const actor = picActor<FaultService>(suite.pic, interfaceOf, ledger, suite.deployer);
    return async (fault) => {
        await actor.set_fault(fault, suite.ids.rewards);
    };
}
