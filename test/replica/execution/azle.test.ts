/** A real Azle canister: it runs, it rolls back, and its metering agrees with what Azle published from a real replica. */
import { IDL } from '@dfinity/candid';
import {
    installModule,
    loadModule,
    type Context,
    type ExecutionOutput,
    type Sandbox
} from '../../../src/replica/execution';
import { buildAzle } from './support/azle';
import { INPUT, replyOf, run } from './support/canister';

/** The example of Azle's own benchmark (examples/stable/demo/hello_world), with a trap and a loop added. */
const SOURCE = `
import { IDL, query, update } from 'azle';
export default class {
    message: string = 'Hello world!';
    @query([], IDL.Text)
    getMessage(): string { return this.message; }
    @update([IDL.Text])
    setMessage(message: string): void { this.message = message; }
    @update([IDL.Text])
    setAndFail(message: string): void { this.message = message; throw new Error('failed on purpose'); }
    @update([])
    spin(): void { for (;;) {} }
}`;

/** instructions of \`setMessage\` in that example's benchmarks.json, measured by Azle 0.33.0 on a dfx replica. */
const PUBLISHED_INSTRUCTIONS = 1_395_312;

const text = (...values: string[]): Uint8Array =>
    new Uint8Array(
        IDL.encode(
            values.map(() => IDL.Text),
            values
        )
    );
const LIMIT = { instructionLimit: 40_000_000_000n, balance: 10n ** 13n };

let sandbox: Sandbox;

function call(context: Context, name: string, argument = text()): ExecutionOutput {
    sandbox.begin();
    const output = run(sandbox, name, { ...LIMIT, context, argument });
    if (context === 'U' && output.trap === undefined) sandbox.commit();
    else sandbox.rollback();
    return output;
}

function message(): unknown {
    const reply = replyOf(call('NRQ', 'canister_query getMessage'));
    return reply && IDL.decode([IDL.Text], reply)[0];
}

beforeAll(async () => {
    const loaded = loadModule(await buildAzle(SOURCE));
    if (!loaded.ok) throw loaded.error;
    const start = { ...INPUT, instructionLimit: 300_000_000_000n, argument: text() };
    const installation = installModule({ module: loaded.module, start });
    if (!installation.ok) throw new TypeError(installation.trap.message);
    ({ sandbox } = installation);
    const init = run(sandbox, 'canister_init', { ...start, context: 'I' });
    expect(init.trap).toBeUndefined();
    // Azle seeds its randomness from a timer that is due at once.
    expect(init.globalTimerNs).toBe(INPUT.timeNs);
    sandbox.commit();
});

test('the first update costs within 1 % of what a real replica counted', () => {
    const { trap, instructions } = call('U', 'canister_update setMessage', text('Goodbye world!'));
    expect(trap).toBeUndefined();
    expect(Math.abs(Number(instructions) / PUBLISHED_INSTRUCTIONS - 1)).toBeLessThan(0.01);
    expect(message()).toBe('Goodbye world!');
});

test('a timer runs through a call of the canister to itself', () => {
    sandbox.begin();
    const { trap, calls } = run(sandbox, 'canister_global_timer', { ...LIMIT, context: 'T' });
    sandbox.rollback();
    expect(trap).toBeUndefined();
    expect(calls.map(({ callee, method }) => [callee, method])).toEqual([
        [INPUT.self, '<ic-cdk internal> timer_executor']
    ]);
});

test('a thrown error leaves the canister as it was', () => {
    const before = message();
    const failed = call('U', 'canister_update setAndFail', text('half done'));
    expect(failed.trap?.code).toBe('CanisterCalledTrap');
    expect(failed.trap?.message).toContain('failed on purpose');
    expect(message()).toBe(before);
    expect(call('U', 'canister_update setMessage', text('again')).trap).toBeUndefined();
    expect(message()).toBe('again');
});

test('an endless loop ends at the limit, and the canister lives on', () => {
    sandbox.begin();
    const output = run(sandbox, 'canister_update spin', { ...LIMIT, instructionLimit: 200_000_000n, argument: text() });
    sandbox.rollback();
    expect(output.trap?.code).toBe('CanisterInstructionLimitExceeded');
    expect(message()).toEqual(expect.any(String));
});
