/** Calls of a session on a backend that does not answer. */
import { Principal } from '@dfinity/principal';
import type { NodeFrame } from '../../../src/core/compute/session_wire';
import { err, ok } from '../../../src/core/result';
import type { Backend } from '../../../src/node/ports';
import { SessionReceipts } from '../../../src/node/sessions/receipts';
import { SessionCalls } from '../../../src/node/sessions/session_calls';
import { MemoryLog, room } from './support/fakes';

const SESSION = { sessionId: 7n, maxUnits: 100n };
const PARTIAL = { output: Uint8Array.of(1), tokens: 3, inputs: 1 };
const REFUSED = err({ code: 'aborted', retryable: true, partial: PARTIAL });

function callsOn(backend: Backend, execLimitMs: number): SessionCalls {
    const modelHash = new Uint8Array(32);
    const app = { appId: 'chat', kind: 'Chat', unit: 'token', modelHash, execLimitMs } as const;
    const canister = Principal.fromUint8Array(Uint8Array.of(1, 1));
    const receipts = new SessionReceipts({ ...SESSION, canister, publicKey: new Uint8Array(32).fill(1) });
    const served = { app, backend };
    return new SessionCalls({ session: SESSION, served, receipts, log: new MemoryLog(), unsignedMs: 1_000 });
}

test('a call that runs as long as its app lets it fails, is not paid, and is not tried again', async () => {
    const frames: NodeFrame[] = [];
    const hanging: Backend = {
        name: 'hanging',
        room,
        run: (_task, signal) =>
            new Promise((resolve) => signal.addEventListener('abort', () => resolve(REFUSED), { once: true }))
    };
    const calls = callsOn(hanging, 40);
    await calls.run({ kind: 'call', id: 1, input: 'x', maxUnits: '10' }, (frame) => frames.push(frame));
    expect(frames).toEqual([{ kind: 'failed', id: 1, code: 'exec_limit', retryable: false }]);
    expect(calls.isRunning(1)).toBe(false);
});

test('a call within the limit of its app ends as the backend ends it', async () => {
    const frames: NodeFrame[] = [];
    const quick: Backend = { name: 'quick', room, run: async () => ok(PARTIAL) };
    await callsOn(quick, 60_000).run({ kind: 'call', id: 1, input: 'x', maxUnits: '10' }, (frame) =>
        frames.push(frame)
    );
    expect(frames.at(-1)).toMatchObject({ kind: 'end', id: 1, units: '3' });
});
