/**
 * Does something for each item, in order, as many at a time as there are workers; after the signal nothing begins any more.
 * An item that fails keeps none from its turn: when all that began has ended, this rejects with the first failure.
 */
export async function sideBySide<Item, Worker>(
    items: readonly Item[],
    workers: readonly Worker[],
    signal: AbortSignal,
    act: (item: Item, worker: Worker) => Promise<void>
): Promise<void> {
    const rest = items.values();
    let failed: Promise<void> | undefined;
    const work = async (worker: Worker): Promise<void> => {
        for (const item of rest) {
            if (signal.aborted) return;
            const done = act(item, worker);
            await done.catch(() => {
                failed ??= done;
            });
        }
    };
    await Promise.all(workers.map(work));
    await failed;
}
