/** Prints lines; a test may collect them. */
export type Print = (line: string) => void;
