/** Run as a process of its own: holds the lock of the named file until it is killed, or says who else does. */
import { AlreadyRunning, lockFile } from '../../src/client/process_lock';

try {
    await lockFile(process.argv[2] ?? '');
    console.log('held');
    setInterval(() => undefined, 60_000);
} catch (failure) {
    console.log(failure instanceof AlreadyRunning ? `refused: ${failure.message}` : failure);
}
