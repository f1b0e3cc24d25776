/**
 * Settles at the first SIGINT or SIGTERM; a second Ctrl-C ends the process at once. A second SIGTERM changes nothing: a
 * supervisor may send it to the launcher, which passes it on, and to this process too.
 */
export function untilInterrupted(): Promise<void> {
    return new Promise((resolve) => {
        let asked = false;
        process.on('SIGINT', () => {
            if (asked) process.exit(130);
            asked = true;
            resolve();
        });
        process.on('SIGTERM', () => {
            asked = true;
            resolve();
        });
    });
}
