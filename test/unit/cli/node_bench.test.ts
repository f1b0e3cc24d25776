import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { calibrate } from '../../../src/cli/node/bench';
import { roundWork } from '../../../src/core/poc/shape';
import { CLASSES, shapeOf, specV1 } from '../../../src/core/poc/spec';
import type { Prover, Slot } from '../../../src/node/poc/prover';
import { ReferenceProver } from '../../../src/node/poc/reference_prover';

const spec = specV1();

/** A device that does so many multiply-accumulates per millisecond of its own clock. */
function deviceOf(macPerMs: number) {
    let [now, slot] = [0, undefined as Slot | undefined];
    const prover: Prover = {
        name: 'webgpu',
        device: 'imagined',
        load: async (given) => void (slot = given),
        run: async (_, goOn, limit = Infinity) => {
            let rounds = 0;
            for (; rounds < limit && goOn(rounds); rounds++) now += roundWork(slot!.shape) / macPerMs;
            return Array<never>(rounds);
        },
        folds: async () => new Int32Array(),
        close: async () => undefined
    };
    return calibrate(prover, spec, 2_000, () => now);
}

test.each([
    [2 ** 23, 'XS'],
    [2 ** 31, 'S'],
    [2 ** 35, 'L'],
    [2 ** 36, 'L'],
    [2 ** 37, 'XL']
] as const)('a device of %d MAC/ms is measured in class %s', async (macPerMs, expected) => {
    const found = await deviceOf(macPerMs);
    expect(found.class).toBe(expected);
    expect(found.gmacPerSecond).toBeCloseTo(macPerMs / 1e6, 3);
    // Whole rounds in a window, and E by them.
    const work = roundWork(shapeOf(spec, found.class));
    expect(found.roundsPerWindow).toBe(Math.floor((macPerMs * 15_000) / work));
    expect(found.standardWork).toBe(BigInt(found.roundsPerWindow) * BigInt(work));
    expect(found.eValueE8).toBe((found.standardWork * 100_000_000n) / spec.standardWork);
});

test('with the W_std that it proposes, the device has E = 1', async () => {
    const { standardWork } = await deviceOf(2 ** 35);
    const prover = new ReferenceProver();
    const small = specV1({ dimension: 64, rows: Object.fromEntries(CLASSES.map((name) => [name, 64])) as never });
    const measured = await calibrate(prover, { ...small, standardWork }, 20);
    const again = { ...small, standardWork: measured.standardWork };
    expect((measured.standardWork * 100_000_000n) / again.standardWork).toBe(100_000_000n);
    expect(measured.roundsPerWindow).toBeGreaterThan(0);
    expect(measured.prover).toBe('typescript');
});

test('emc node bench prints it in one line of JSON', async () => {
    const args = ['node', 'bench', '--seconds', '1', '--prover', 'wasm', '--json'];
    const { stdout } = await promisify(execFile)(process.execPath, ['scripts/emc.mjs', ...args]);
    const found = JSON.parse(stdout) as Record<string, unknown>;
    expect(found).toMatchObject({ prover: 'wasm', class: 'XS' });
    expect(found.roundsPerWindow).toBeGreaterThan(0);
});
