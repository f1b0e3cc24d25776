/** How long one attempt of a job may run where its app does not say (compute.md §5.3: 300 s chat, 2 h batch); in seconds. */
export const INTERACTIVE_EXEC_S = 300n;
export const BATCH_EXEC_S = 7_200n;
