/** A canister whose methods go through the decorators of src/azle: what a message can do to them, on the embedded network. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { smallCanister } from '../../../bench/lib/small_canister';
import { projectRoot } from '../../../scripts/lib/project';

function source(root: string): string {
    const path = (...parts: string[]): string => JSON.stringify(join(root, 'src', ...parts));
    return `import { canisterSelf, IDL, Principal } from 'azle';
import { init, inspectMessage, postUpgrade, query, SERVED_WHILE_PAUSED, update } from ${path('azle', 'endpoint')};
import { callRemote, remoteMethod } from ${path('azle', 'c2c')};

const Tree = IDL.Rec();
Tree.fill(IDL.Variant({ Leaf: IDL.Null, Map: IDL.Vec(IDL.Tuple(IDL.Text, Tree)), Array: IDL.Vec(Tree) }));
const increment = remoteMethod('increment', [IDL.Nat], IDL.Nat);
const misread = remoteMethod('increment', [IDL.Nat], IDL.Text);
const absent = remoteMethod('absent', [], IDL.Null);
let counter = 0n;

export default class {
    @init([IDL.Opt(IDL.Nat)])
    install([start]: [] | [bigint]): void {
        counter = start ?? 0n;
    }

    @postUpgrade([IDL.Opt(IDL.Nat)])
    upgrade([start]: [] | [bigint]): void {
        counter = (start ?? 0n) + 1000n;
    }

    @inspectMessage
    inspect(name: string, argument: Uint8Array): boolean {
        return name !== 'guarded' || argument.length < 100;
    }

    @update([IDL.Text], IDL.Text, SERVED_WHILE_PAUSED)
    guarded(text: string): string {
        return text;
    }

    @query([], IDL.Nat)
    read(): bigint {
        return counter;
    }

    @update([IDL.Nat], IDL.Nat, SERVED_WHILE_PAUSED)
    increment(by: bigint): bigint {
        counter += by;
        return counter;
    }

    @update([IDL.Nat], IDL.Nat, SERVED_WHILE_PAUSED)
    async increment_later(by: bigint): Promise<bigint> {
        counter += by;
        await Promise.resolve();
        return counter;
    }

    @update([IDL.Nat], IDL.Nat, SERVED_WHILE_PAUSED)
    increment_and_throw(by: bigint): bigint {
        counter += by;
        throw new TypeError('on purpose');
    }

    @update([IDL.Nat], IDL.Nat, SERVED_WHILE_PAUSED)
    async increment_and_reject(by: bigint): Promise<bigint> {
        counter += by;
        await Promise.resolve();
        throw new TypeError('on purpose');
    }

    @update([IDL.Nat], IDL.Text, SERVED_WHILE_PAUSED)
    answer_nonsense(by: bigint): string {
        counter += by;
        return 5 as unknown as string;
    }

    @update([IDL.Nat], IDL.Variant({ Ok: IDL.Nat, Err: IDL.Text }), SERVED_WHILE_PAUSED)
    async increment_by_call(by: bigint): Promise<unknown> {
        const answer = await callRemote(canisterSelf(), increment, [by]);
        return answer.ok ? { Ok: answer.value } : { Err: answer.error.outcome };
    }

    @update([], IDL.Text, SERVED_WHILE_PAUSED)
    async misread_a_reply(): Promise<string> {
        const answer = await callRemote(canisterSelf(), misread, [1n]);
        return answer.ok ? 'read' : answer.error.outcome;
    }

    @update([], IDL.Text, SERVED_WHILE_PAUSED)
    async call_nobody(): Promise<string> {
        const answer = await callRemote(Principal.fromUint8Array(new Uint8Array([9, 9, 9])), absent, []);
        return answer.ok ? 'read' : answer.error.outcome;
    }

    @query([IDL.Text], IDL.Text)
    echo(text: string): string {
        return text;
    }

    @query([], IDL.Text)
    lone_surrogate(): string {
        return 'a lone \\ud800 surrogate';
    }

    @query([Tree], Tree)
    echo_tree(tree: unknown): unknown {
        return tree;
    }
}
`;
}

/** The module, gzipped. */
export function probeCanister(): Promise<Uint8Array> {
    const filesOf = (folder: string): string[] =>
        readdirSync(join(projectRoot(), folder)).map((file) => join(folder, file));
    return smallCanister({ name: 'probe', source, dependsOn: [...filesOf('src/azle'), ...filesOf('src/core/candid')] });
}
