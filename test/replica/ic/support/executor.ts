/** Carries long executions through as another thread does: everything that goes there and back is cloned. */
import type { Placed } from '../../../../src/replica/execution';
import type { InternetComputer, LongExecutionView } from '../../../../src/replica/ic';
import {
    messagesOf,
    runDetached,
    withPages,
    type DetachedExecution
} from '../../../../src/replica/scheduler/detached_execution';

function received(execution: DetachedExecution): DetachedExecution {
    const pages: { heap: Placed[]; stable: Placed[] } = { heap: [], stable: [] };
    for (const message of messagesOf(execution)) {
        const clone = structuredClone(message);
        if (clone.kind === 'run') return withPages(clone.execution, pages);
        pages[clone.memory].push(...clone.written);
    }
    throw new RangeError('nothing to run');
}

/** Executes, and tells the network that it is over. */
export function carry(ic: InternetComputer, { canisterId, id }: LongExecutionView): void {
    const execution = ic.detachExecution(canisterId);
    if (execution === undefined) throw new RangeError('nothing to carry through');
    ic.endExecution(canisterId, id, structuredClone(runDetached(received(execution))));
}
