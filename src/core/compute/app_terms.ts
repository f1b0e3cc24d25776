/** Words in the terms of an app, as canisters, nodes and the command line know them. */

/** What an app makes. Closed list; stored by position, so append only. */
export const APP_KINDS = ['Embedding', 'Chat', 'Completion', 'Image', 'Other'] as const;
export type AppKind = (typeof APP_KINDS)[number];

/** How the weights of a model are quantised, such as `q4_k_m`. */
export const QUANTIZATION = /^[a-z0-9][a-z0-9_.-]{0,31}$/;
