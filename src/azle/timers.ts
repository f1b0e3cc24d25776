import { setTimer, setTimerInterval, time } from 'azle';

type Job = () => void | Promise<void>;

/** Only told to operators, so that it may be forgotten with an upgrade. */
let lastNs: bigint | undefined;

/** When a timer last began to run, in ns since 1970; undefined until one has since the last upgrade. */
export function lastTimerNs(): bigint | undefined {
    return lastNs;
}

/** Runs a job once, after a number of whole seconds. Timers do not survive an upgrade: arm them in init and post_upgrade. */
export function after(seconds: number, job: Job): void {
    setTimer(seconds, noting(job));
}

/** Runs a job every so many seconds. A job that is still awaiting when the next one is due must guard itself. */
export function every(seconds: number, job: Job): void {
    setTimerInterval(seconds, noting(job));
}

function noting(job: Job): Job {
    return () => {
        lastNs = time();
        return job();
    };
}
