import type { Log } from '../../../../src/node/ports';
import { assertAgrees, chooseProver, NoProver, WrongProver } from '../../../../src/node/poc/choose_prover';
import { ReferenceProver } from '../../../../src/node/poc/reference_prover';
import type { Digest } from '../../../../src/core/sha256';

function recordingLog(): { log: Log; events: unknown[][] } {
    const events: unknown[][] = [];
    const note = (fields: object, event: string): void => void events.push([event, fields]);
    return { log: { info: note, warn: note, error: note }, events };
}

test('the fastest prover that works is chosen, and what was passed over is told', async () => {
    const { log, events } = recordingLog();
    const prover = await chooseProver(log, { threads: 1, gpu: { dawn: ['backend=none'] } });
    expect(prover.name).toBe('wasm');
    expect(events).toEqual([
        ['poc_prover_passed_over', expect.objectContaining({ prover: 'webgpu' })],
        ['poc_prover_chosen', expect.objectContaining({ prover: 'wasm' })]
    ]);
    await prover.close();
});

test('an operator may insist on one', async () => {
    const { log } = recordingLog();
    expect((await chooseProver(log, { only: 'typescript' })).name).toBe('typescript');
    const impossible = chooseProver(log, { only: 'webgpu', gpu: { dawn: ['backend=none'] } });
    await expect(impossible).rejects.toThrow(NoProver);
});

test('a prover that computes something else is refused and closed', async () => {
    class Broken extends ReferenceProver {
        closed = false;
        override async folds(roundKey: Digest): Promise<Int32Array> {
            const folds = await super.folds(roundKey);
            folds[3]! ^= 1;
            return folds;
        }
        override async close(): Promise<void> {
            this.closed = true;
        }
    }
    const broken = new Broken();
    await expect(assertAgrees(broken)).rejects.toThrow(WrongProver);
    expect(broken.closed).toBe(true);
    await expect(assertAgrees(new ReferenceProver())).resolves.toBeUndefined();
});
