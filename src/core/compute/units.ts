/** What a job did, in every measure that an app may price. */
export interface Usage {
    readonly tokens: number;
    /** Texts that were embedded, or images that were made. */
    readonly inputs: number;
}

/** Units that an app counts in (`unit` of its registration). An unknown one counts requests. */
export function unitsOf(unit: string, usage: Usage): bigint {
    switch (unit) {
        case 'token':
            return BigInt(usage.tokens);
        case 'input':
        case 'image':
            return BigInt(usage.inputs);
        default:
            return 1n;
    }
}

/**
 * The most units that texts can come to, for the hold: a token is at least one byte of text, and each text may take one
 * more for its frame.
 */
export function maxUnitsOf(unit: string, texts: readonly string[]): bigint {
    const encoder = new TextEncoder();
    const tokens = texts.reduce((sum, text) => sum + encoder.encode(text).length + 1, 0);
    return unitsOf(unit, { tokens, inputs: texts.length });
}
