/** Settles at the first SIGINT or SIGTERM; the second one ends the process at once. */
export function untilInterrupted(): Promise<void> {
    return new Promise((resolve) => {
        let asked = false;
        const onSignal = (): void => {
            if (asked) process.exit(130);
            asked = true;
            resolve();
        };
        process.on('SIGINT', onSignal);
        process.on('SIGTERM', onSignal);
    });
}
