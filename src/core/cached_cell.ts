import type { Cell } from './table';

/**
 * A cell that decodes its value once and then remembers it. Safe in a canister because a message that traps takes the
 * memory of its program back together with stable memory; an upgrade begins with nothing remembered.
 */
export function cachedCell<V>(cell: Cell<V>): Cell<V> {
    let known: { readonly value: V } | undefined;
    return {
        get() {
            known ??= { value: cell.get() };
            return known.value;
        },
        set(value) {
            cell.set(value);
            known = { value };
        }
    };
}
