/**
 * Names under which the rewriter exports what the sandbox needs. They begin with a control character, which
 * `validate` refuses in a canister's own exports.
 */
export const RESERVED_PREFIX = '\x01';

export const Reserved = {
    /** Remaining instructions, a mutable i64. */
    counter: `${RESERVED_PREFIX}counter`,
    /** Heap limit in pages that `memory.grow` may not pass, a mutable i64 read as unsigned. */
    memoryLimit: `${RESERVED_PREFIX}memory_limit`,
    /** Pages that a `memory.grow` above the limit would have reached, 0 when there was none. */
    memoryPeak: `${RESERVED_PREFIX}memory_peak`,
    /** Counts executed instructions that change a table or drop a segment, a mutable i64. */
    mutations: `${RESERVED_PREFIX}mutations`,
    memory: `${RESERVED_PREFIX}memory`,
    start: `${RESERVED_PREFIX}start`,
    table: (index: number): string => `${RESERVED_PREFIX}table${index}`,
    global: (index: number): string => `${RESERVED_PREFIX}global${index}`,
    /** Only in modules that mutate their tables: names table entries across instances. */
    function: (index: number): string => `${RESERVED_PREFIX}function${index}`
} as const;
