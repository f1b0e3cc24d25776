/** Waits until the condition holds; `testTimeout` ends a wait for what never comes. */
export async function until(condition: () => Promise<boolean>): Promise<void> {
    while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 100));
}
