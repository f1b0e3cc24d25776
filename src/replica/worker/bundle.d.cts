/** A script that Node can run as the worker thread. */
export function workerScript(): string;
/** A script that Node can run as a thread for long executions. */
export function executorScript(): string;
/** The `emc-replica` command, exporting `main`; undefined where no bundle can be written. */
export function serverBundle(): string | undefined;
/** The `pocket-ic` command, exporting `main`; undefined where no bundle can be written. */
export function pocketIcBundle(): string | undefined;
/** The `emc-network-launcher` command, exporting `main`; undefined where no bundle can be written. */
export function launcherBundle(): string | undefined;
/** A script of one of the network's own pages; undefined where no bundle can be written. */
export function browserScript(name: 'candid_ui' | 'sign_in'): string | undefined;
