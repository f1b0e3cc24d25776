import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import { isWorthwhile } from '../../../canisters/state_machine/domain/ingress';
import { MAX_APPLICANTS } from '../../../canisters/state_machine/domain/validator_batch';
import { ITEM_KINDS } from '../../../src/core/consensus/state_item';
import { openingBytes } from '../../../src/core/poc/opening';
import { ROUNDS, SMALL_SPEC } from '../../support/poc';
import { accept, draw, proverOf, request } from './probes';
import { must, principalOf, World } from './world';

const EMPTY = new Uint8Array(IDL.encode([], []));

function gate() {
    const world = new World();
    const [validator] = world.withValidators(4);
    const node = world.withComputeNode('c');
    const accepts = (method: string, caller: Principal, argument = EMPTY, isUpdate = true) =>
        isWorthwhile(world.rules.challenges.course, { method, argument, caller, isUpdate });
    return { world, accepts, validator: validator!, node, stranger: principalOf('stranger') };
}

test('nobody is turned away at the door whatever the update; who reads may have a certified answer', () => {
    const { accepts } = gate();
    for (const method of ['register_node', 'report_status', 'vote_state', 'set_peers']) {
        expect(accepts(method, Principal.anonymous())).toBe(false);
    }
    expect(accepts('get_tip', Principal.anonymous(), EMPTY, false)).toBe(true);
});

test('anybody who signs gets in: the methods tell who may not call them', () => {
    const { accepts, validator, node, stranger } = gate();
    for (const caller of [validator, node, stranger]) {
        for (const method of ['vote_state', 'report_status', 'register_node', 'admit_validators']) {
            expect(accepts(method, caller)).toBe(true);
        }
    }
});

test('what is no Candid, or larger than the method can mean, is refused; the largest of each passes', () => {
    const { accepts, validator, node } = gate();
    expect(accepts('register_node', node, new Uint8Array())).toBe(false);
    expect(accepts('register_node', node, new TextEncoder().encode('DIDX'))).toBe(false);
    const sized = (bytes: number) => Uint8Array.of(...EMPTY.slice(0, 4), ...new Uint8Array(bytes - 4));
    expect(accepts('register_node', node, sized(2_049))).toBe(false);
    const kind = IDL.Variant(Object.fromEntries(ITEM_KINDS.map((name) => [name, IDL.Null])));
    const item = { kind: { [ITEM_KINDS[0]]: null }, ref: 2n ** 64n - 1n, digest: new Uint8Array(32) };
    const Items = IDL.Vec(IDL.Record({ kind, ref: IDL.Nat64, digest: IDL.Vec(IDL.Nat8) }));
    const items = (count: number) => new Uint8Array(IDL.encode([Items], [Array.from({ length: count }, () => item)]));
    expect([items(128), items(512)].map((args) => accepts('propose_state', validator, args))).toEqual([true, false]);
    const batch = Array.from({ length: MAX_APPLICANTS }, () => validator);
    expect(accepts('admit_validators', node, new Uint8Array(IDL.encode([IDL.Vec(IDL.Principal)], [batch])))).toBe(true);
    const texts = { apps: IDL.Vec(IDL.Text), version: IDL.Text };
    const Report = IDL.Record({ ...texts, queue_depth: IDL.Nat32, capacity: IDL.Nat32 });
    const report = (length: number) => {
        const said = { apps: Array.from({ length: 32 }, () => 'a'.repeat(length)), version: '1'.repeat(64) };
        return new Uint8Array(IDL.encode([Report], [{ ...said, queue_depth: 1, capacity: 1 }]));
    };
    expect([report(16), report(64)].map((args) => accepts('report_status', node, args))).toEqual([true, false]);
});

test('an opening passes when the canister waits for it, from the node that was asked, at its size', () => {
    const { world, accepts, node, stranger } = gate();
    const { course } = world.rules.challenges;
    const bytes = openingBytes({ dimension: 64, rows: 64 }, ROUNDS, SMALL_SPEC.newcomerSamples);
    const sized = (length: number) => Uint8Array.of(...EMPTY.slice(0, 4), ...new Uint8Array(length - 4));
    const passes = (caller = node, length = bytes + 20) => accepts('open_poc', caller, sized(length));
    const challenge = accept(world, request(world, node));
    expect(passes()).toBe(false);
    const { commitment, rounds } = proverOf(challenge).claim();
    must(course.commit(node, challenge.id, commitment, rounds, world.now));
    course.supply(challenge.id, 'Committed', draw(), world.now);
    expect([passes(), passes(stranger), passes(node, bytes + 257)]).toEqual([true, false, false]);
});
