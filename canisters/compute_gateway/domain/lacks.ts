/** What a node lacks for an app, the first thing of this order. Stored by position, so append only. */
export const LACKS = ['E', 'Region', 'Vram', 'Quantization'] as const;
export type Lack = (typeof LACKS)[number];
