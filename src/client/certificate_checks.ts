import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { blsVerify } from '@dfinity/agent';

/** Whether the BLS signature of a certificate is the key's (interface specification, § certification). */
export type CheckSignature = (
    publicKey: Uint8Array,
    signature: Uint8Array,
    message: Uint8Array
) => Promise<boolean> | boolean;

/** Signatures that are remembered: one per round of a subnet. */
const KNOWN = 64;

/**
 * Remembers signatures that were right. One signature of a subnet certifies the answers to all calls of a round, so whoever
 * calls much need not verify it for each of them. What was wrong is never remembered.
 */
export function remembering(check: CheckSignature): CheckSignature {
    const known = new Map<string, Promise<boolean>>();
    return (publicKey, signature, message) => {
        const name = [publicKey, signature, message].map((bytes) => Buffer.from(bytes).toString('base64')).join('.');
        const before = known.get(name);
        if (before !== undefined) return before;
        const result = Promise.resolve(check(publicKey, signature, message));
        const forget = (): void => void known.delete(name);
        result.then((isRight) => isRight || forget(), forget);
        known.set(name, result);
        const [oldest] = known.keys();
        if (known.size > KNOWN && oldest !== undefined) known.delete(oldest);
        return result;
    };
}

/**
 * The code of the thread, as text for the reasons of `src/node/poc/wasm/worker_source.ts`. A key is decoded, and its part of
 * the pairing computed, once: a subnet has one key.
 */
const THREAD = `
const { parentPort, workerData } = require('node:worker_threads');
import(workerData).then(({ bls12_381: bls }) => {
    const { G1, G2, pairingBatch, shortSignatures, fields: { Fp12 } } = bls;
    const keys = new Map();
    const negated = (key) => {
        const name = Buffer.from(key).toString('base64');
        if (!keys.has(name)) {
            if (keys.size > 16) keys.clear();
            const point = G2.Point.fromHex(key);
            point.assertValidity();
            keys.set(name, point.negate());
        }
        return keys.get(name);
    };
    const isRight = (key, signature, message) => {
        const g1 = G1.Point.fromHex(signature);
        g1.assertValidity();
        const pairs = [{ g1: shortSignatures.hash(message), g2: negated(key) }, { g1, g2: G2.Point.BASE }];
        return Fp12.eql(pairingBatch(pairs), Fp12.ONE);
    };
    parentPort.on('message', ({ id, key, signature, message }) => {
        try {
            parentPort.postMessage({ id, isRight: isRight(key, signature, message) });
        } catch {
            parentPort.postMessage({ id, isRight: false });
        }
    });
});
`;

interface Answer {
    readonly id: number;
    readonly isRight: boolean;
}

/**
 * Checks on a thread of their own: one takes as long as a hundred requests, which would wait for it. Where no thread can be
 * had, and for what a thread leaves behind that dies, the check is the library's own, here.
 */
export class CheckingThread {
    private readonly waiting = new Map<number, (isRight: boolean | undefined) => void>();
    private worker: Worker | undefined;
    private lastId = 0;

    constructor() {
        try {
            const here = createRequire(join(process.env.EMC_ROOT ?? process.cwd(), 'any.js'));
            const library = pathToFileURL(here.resolve('@noble/curves/bls12-381')).href;
            this.worker = new Worker(THREAD, { eval: true, workerData: library });
            this.worker.on('message', (answer: Answer) => this.settle(answer));
            this.worker.on('error', () => this.lose()).on('exit', () => this.lose());
            this.worker.unref();
        } catch {
            this.worker = undefined;
        }
    }

    readonly check: CheckSignature = async (key, signature, message) => {
        const isRight = await this.ask(key, signature, message);
        return isRight ?? blsVerify(key, signature, message);
    };

    private ask(key: Uint8Array, signature: Uint8Array, message: Uint8Array): Promise<boolean | undefined> {
        const { worker } = this;
        if (worker === undefined) return Promise.resolve(undefined);
        const id = ++this.lastId;
        return new Promise((resolve) => {
            // The process stays while somebody waits.
            worker.ref();
            this.waiting.set(id, resolve);
            worker.postMessage({ id, key, signature, message });
        });
    }

    private settle({ id, isRight }: Answer): void {
        this.waiting.get(id)?.(isRight);
        this.waiting.delete(id);
        if (this.waiting.size === 0) this.worker?.unref();
    }

    private lose(): void {
        this.worker = undefined;
        for (const resolve of this.waiting.values()) resolve(undefined);
        this.waiting.clear();
    }
}

let shared: CheckSignature | undefined;

/** The check for programs that call much: on one thread of the process, which starts when it is first needed. */
export const checkOnThread: CheckSignature = (publicKey, signature, message) => {
    shared ??= remembering(new CheckingThread().check);
    return shared(publicKey, signature, message);
};
