import { setTimer, setTimerInterval } from 'azle';

/** Runs a job once, after a number of whole seconds. Timers do not survive an upgrade: arm them in init and post_upgrade. */
export function after(seconds: number, job: () => void | Promise<void>): void {
    setTimer(seconds, job);
}

/** Runs a job every so many seconds. A job that is still awaiting when the next one is due must guard itself. */
export function every(seconds: number, job: () => void | Promise<void>): void {
    setTimerInterval(seconds, job);
}
