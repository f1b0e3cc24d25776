import fc from 'fast-check';
import { isFinal } from '../../../canisters/state_machine/domain/pocs';
import { bytes32, productOf, World } from './world';

type Command =
    | { kind: 'request' | 'accept' | 'check' | 'sweep' | 'report'; node: number }
    | { kind: 'submit'; node: number; honest: boolean }
    | { kind: 'vote'; node: number; validator: number; ok: boolean }
    | { kind: 'wait'; seconds: number };

const NODES = ['a', 'b', 'c'];
const node = fc.nat(NODES.length - 1);
const command: fc.Arbitrary<Command> = fc.oneof(
    fc.record({ kind: fc.constantFrom('request', 'accept', 'check', 'sweep', 'report'), node }),
    fc.record({ kind: fc.constant('submit' as const), node, honest: fc.boolean() }),
    {
        weight: 3,
        arbitrary: fc.record({ kind: fc.constant('vote' as const), node, validator: fc.nat(3), ok: fc.boolean() })
    },
    fc.record({ kind: fc.constant('wait' as const), seconds: fc.constantFrom(1, 50, 130, 700, 1_900) })
);

function run(world: World, command: Command): void {
    if (command.kind === 'wait') return world.advance(command.seconds);
    if (command.kind === 'sweep') return void world.proving.sweep(world.now, 2);
    const label = NODES[command.node] ?? 'a';
    const id = world.registry.page(0n, 10n, ({ record }) => record.nodeClass === 'compute').items[command.node]!.id;
    const poc = world.book.openOf(id);
    if (command.kind === 'report') return void world.report(label);
    if (command.kind === 'request') {
        return void world.proving.request(world.validators.members()[0]!, id, bytes32(`${world.now}`), world.now);
    }
    if (poc === undefined) return;
    if (command.kind === 'accept') world.proving.accept(id, poc.id, bytes32('n'), world.now);
    if (command.kind === 'check') world.proving.check(poc.id, bytes32('r'), world.now);
    if (command.kind === 'vote') world.vote(world.validators.members()[command.validator]!, poc, 500n, command.ok);
    if (command.kind === 'submit') {
        const product = productOf(poc);
        if (!command.honest) product[3] = (product[3] ?? 0) ^ 64;
        world.proving.submit(id, poc.id, product, world.now);
    }
}

test('model: final values never move, indexes agree with the records, only a quorum makes a node active', () => {
    fc.assert(
        fc.property(fc.array(command, { maxLength: 80 }), (commands) => {
            const world = new World({ pocSpacingS: 0n });
            world.withValidators(4);
            for (const label of NODES) world.withComputeNode(label);
            const finals = new Map<bigint, string>();
            for (const step of commands) {
                run(world, step);
                checkBook(world, finals);
            }
        }),
        { numRuns: 300 }
    );
});

function checkBook(world: World, finals: Map<bigint, string>): void {
    let open = 0n;
    for (let id = 0n; id < world.book.count(); id++) {
        const poc = world.book.find(id)!;
        const text = JSON.stringify(poc, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value));
        if (finals.has(id)) expect(text).toBe(finals.get(id));
        if (isFinal(poc)) finals.set(id, text);
        else open += 1n;
        expect(world.book.openOf(poc.node)?.id === id).toBe(!isFinal(poc));
        if (poc.state === 'Passed') expect(poc.votes.filter((vote) => vote.ok).length).toBeGreaterThanOrEqual(3);
        if (isFinal(poc)) expect(world.book.product(id)).toBeUndefined();
    }
    expect(world.book.open.size()).toBe(open);
    expect(world.tables.pocDeadlines.size()).toBe(Number(open));
}
