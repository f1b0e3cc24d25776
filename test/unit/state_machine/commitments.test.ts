import fc from 'fast-check';
import { headDigest } from '../../../src/core/consensus/state_hash';
import { checkWitness } from '../../../src/core/consensus/state_proof';
import { MAX_RANGE } from '../../../canisters/state_machine/domain/commitments';
import { agree, rangeOf, task } from './agreeing';
import { bytes32, kindOf, must, principalOf, World } from './world';

/** So many final states with an item each; state n holds task n. */
function withStates(count: number, validators = 4, perState = 1) {
    const world = new World();
    const members = world.withValidators(validators);
    const quorum = world.validators.quorum();
    for (let height = 1; height <= count; height++) {
        const items = Array.from({ length: perState }, (_, i) => task(height * perState + i));
        agree(world, members.slice(0, quorum), items);
    }
    const submit = (from: number, to: number, root = rangeOf(world, from, to).root) =>
        world.rules.commitments.submit(members[0]!, { from: BigInt(from), to: BigInt(to), root }, world.now);
    const attest = (member: number, index: bigint, ok = true) =>
        world.rules.commitments.attest(members[member]!, { index, ok }, world.now);
    return { world, members, submit, attest, commitments: world.rules.commitments, proofs: world.rules.proofs };
}

test('AS-40: ranges follow each other without gap and overlap', () => {
    const { submit, commitments } = withStates(400);
    expect(must(submit(1, 100))).toMatchObject({ index: 0n, status: 'Submitted' });
    expect(must(submit(101, 200)).index).toBe(1n);
    expect(submit(150, 250)).toEqual({ ok: false, error: { kind: 'Overlap', expectedFrom: 201n } });
    expect(submit(300, 400)).toEqual({ ok: false, error: { kind: 'Gap', expectedFrom: 201n } });
    expect(commitments.nextFrom()).toBe(201n);
});

test('AS-40: the canister computes the root itself, over final states only', () => {
    const { world, submit } = withStates(5);
    expect(kindOf(submit(1, 5, bytes32('another root')))).toBe('RootMismatch');
    expect(submit(1, 6)).toEqual({ ok: false, error: { kind: 'NotFinal', lastFinal: 5n } });
    expect(kindOf(submit(1, 0))).toBe('InvalidArgument');
    expect(submit(1, Number(MAX_RANGE) + 1)).toMatchObject({ error: { kind: 'TooLarge', max: 512 } });
    const stranger = world.rules.commitments.submit(principalOf('stranger'), rangeOf(world, 1, 5), world.now);
    expect(kindOf(stranger)).toBe('NotAValidator');
    expect(world.rules.commitments.count()).toBe(0n);
});

test('the same range again, after a lost answer, is the same success', () => {
    const { submit, commitments } = withStates(5);
    const first = must(submit(1, 5));
    expect(must(submit(1, 5))).toEqual(first);
    expect(commitments.count()).toBe(1n);
    expect(kindOf(submit(1, 4))).toBe('Overlap');
});

test('confirmed when two thirds of the validators verified the certificate: 9 of 13', () => {
    const { submit, attest } = withStates(3, 13);
    must(submit(1, 3));
    for (let member = 0; member < 8; member++) expect(must(attest(member, 0n)).status).toBe('Submitted');
    expect(kindOf(attest(3, 0n))).toBe('AlreadyVoted');
    expect(must(attest(8, 0n))).toMatchObject({ status: 'Confirmed' });
    expect(kindOf(attest(9, 0n))).toBe('AlreadyFinal');
    expect(kindOf(attest(1, 1n))).toBe('NotFound');
});

test('rejected when it cannot be confirmed any more; the next range still follows', () => {
    const { submit, attest } = withStates(4, 4);
    must(submit(1, 3));
    expect(must(attest(0, 0n, false)).status).toBe('Submitted');
    expect(must(attest(1, 0n, false)).status).toBe('Rejected');
    expect(kindOf(attest(2, 0n))).toBe('AlreadyFinal');
    expect(must(submit(4, 4)).index).toBe(1n);
});

test('verdicts of validators that left do not count', () => {
    const { world, members, submit, attest } = withStates(2, 7);
    must(submit(1, 2));
    for (const member of [0, 1, 2]) must(attest(member, 0n));
    for (const member of members.slice(0, 3)) world.validators.leave(member, world.now);
    expect(must(attest(3, 0n)).status).toBe('Submitted');
    expect(must(attest(4, 0n)).status).toBe('Submitted');
    expect(must(attest(5, 0n)).status).toBe('Confirmed');
});

test('proofs: an item that is not recorded, or not committed, has none', () => {
    const { submit, proofs } = withStates(4);
    const of = (ref: number) => proofs.witness({ kind: 'Item', item: 'TaskDigest', ref: BigInt(ref) });
    expect(kindOf(of(1))).toBe('NotCommitted');
    must(submit(1, 2));
    expect([1, 2, 3, 4, 5, 0].map((ref) => kindOf(of(ref)))).toEqual([
        'ok',
        'ok',
        'NotCommitted',
        'NotCommitted',
        'NotFound',
        'NotFound'
    ]);
    expect(kindOf(proofs.witness({ kind: 'State', height: 3n }))).toBe('NotCommitted');
    expect(kindOf(proofs.witness({ kind: 'State', height: 9n }))).toBe('NotFound');
    expect(kindOf(proofs.witness({ kind: 'Item', item: 'Trade', ref: 1n }))).toBe('NotFound');
});

test('property: every recorded item and state has a witness that leads to the head, whatever the ranges', () => {
    fc.assert(
        fc.property(fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 6 }), (sizes) => {
            const total = sizes.reduce((sum, size) => sum + size, 0);
            const { submit, proofs, commitments } = withStates(total, 4, 3);
            let from = 1;
            for (const size of sizes) {
                must(submit(from, from + size - 1));
                from += size;
            }
            const certified = headDigest(commitments.head());
            for (let height = 1; height <= total; height++) {
                expect(
                    checkWitness(must(proofs.witness({ kind: 'State', height: BigInt(height) })), certified).ok
                ).toBe(true);
                const ref = BigInt(height * 3 + 1);
                const witness = must(proofs.witness({ kind: 'Item', item: 'TaskDigest', ref }));
                const proven = must(checkWitness(witness, certified));
                expect([proven.height, proven.item?.ref]).toEqual([BigInt(height), ref]);
            }
        }),
        { numRuns: 15 }
    );
});
