import { uncaught } from './shortcut';

/**
 * Lets work go on beside the message that begins it, whose reply does not wait for it. A failure traps the message in which
 * it happens, so `work` must do nothing that can fail before its first call to another canister.
 */
export function spawn(work: () => Promise<void>): void {
    void work().catch(uncaught);
}
