/** A script that Node can run with these options. */
export interface Script {
    readonly path: string;
    readonly execArgv: readonly string[];
}

/** The worker thread's entry. */
export function workerScript(): Script;
/** The `emc-replica` command's entry. */
export function serverScript(): Script;
/** The `pocket-ic` command's entry. */
export function pocketIcScript(): Script;
