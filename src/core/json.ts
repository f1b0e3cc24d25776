/** The value of a JSON text, undefined where it is none: for texts of others, which a schema judges next. */
export function parseJson(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        return undefined;
    }
}
