/** Key of a deadline: earlier ones sort first. */
export interface DueKey {
    readonly atNs: bigint;
    readonly id: bigint;
}
