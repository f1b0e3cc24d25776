/** Elements in one expression. */

/** An element with these properties and children. */
export function element<K extends keyof HTMLElementTagNameMap>(
    tag: K,
    properties: Partial<Pick<HTMLElementTagNameMap[K], 'id' | 'className' | 'title'>> & {
        readonly placeholder?: string;
    } = {},
    children: readonly (Node | string)[] = []
): HTMLElementTagNameMap[K] {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
}
