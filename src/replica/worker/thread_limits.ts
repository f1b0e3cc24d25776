/**
 * Of all threads that execute canisters, so that it does not depend on the thread how deep they can recurse. The replica gives canister
 * code 5 MiB of stack; V8's frames for the same code are larger.
 */
export const threadLimits = { stackSizeMb: 32 } as const;
