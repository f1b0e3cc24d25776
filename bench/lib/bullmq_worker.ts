/** A process that works on BullMQ's jobs: `SOCKET CONCURRENCY`. A job is answered with what the fast AI server answers. */
import { Worker } from 'bullmq';
import { connectionOf, QUEUE } from './bullmq_queue';
import { PIECES } from './fast_answer';

const [socket = '', concurrency = '1'] = process.argv.slice(2);
const worker = new Worker(QUEUE, async () => PIECES.join(''), {
    connection: connectionOf(socket),
    concurrency: Number(concurrency)
});
await worker.waitUntilReady();
console.log('Worker ready');
process.once('SIGTERM', () => void worker.close().then(() => process.exit(0)));
