/** The text that benchmarks' jobs come to, in the pieces in which a server would stream it. */
export const PIECES = Array.from({ length: 12 }, (_, index) => `${index} `);
