/** Text in HTML pages. */

const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;'
};

/** The text as the content of an element or of a quoted attribute. */
export function escaped(text: string): string {
    return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
