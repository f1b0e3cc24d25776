/** Calls that passed proposals make to the canisters of the suite, this one among them: any method of the allow-list, with arguments that came as Candid. */
import { IDL } from 'azle';
import { callRemote, type RemoteMethod } from '../../../src/azle/c2c';
import { compileArgs, type ArgsCodec } from '../../../src/core/candid/codec';
import { ok } from '../../../src/core/result';
import type { CallEnd } from '../domain/governance/execution';
import type { RemoteCall } from '../domain/governance/governance_rows';
import { env, peers } from '../wiring';

type Answer = { Ok: null } | { Err: null };

/** Arguments that are encoded already. */
const ENCODED: ArgsCodec<[Uint8Array]> = {
    decode: (message) => ok([message]),
    encode: ([bytes]) => bytes,
    encodeShared: ([bytes]) => bytes,
    prepareDecode: () => undefined,
    prepareEncode: () => undefined
};

/** Whatever a method answers, it says in the common way whether it refused. */
const ANSWER = compileArgs<[Answer]>([IDL.Variant({ Ok: IDL.Reserved, Err: IDL.Reserved })]);

/** Makes the call and tells what became of it. */
export async function callGoverned({ canister, method, args }: RemoteCall): Promise<CallEnd> {
    const id = canister === 'rewards' ? env.self() : peers.get(canister);
    if (id === undefined) return { kind: 'not_executed', reason: `${canister} is not set` };
    const remote: RemoteMethod<[Uint8Array], Answer> = { name: method, args: ENCODED, result: ANSWER };
    const answer = await callRemote(id, remote, [args]);
    if (!answer.ok) return { kind: answer.error.outcome, reason: answer.error.message };
    return 'Ok' in answer.value ? { kind: 'executed' } : { kind: 'refused', reason: `${method} answered Err` };
}
