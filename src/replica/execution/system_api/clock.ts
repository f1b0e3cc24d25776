/** Time, the global timer and instruction counters. */
import { userViolation } from '../traps';
import { group } from './handlers';

/** Time, the global timer and the performance counters. */
export const clockApi = group({
    time: (x) => x.input.timeNs,
    global_timer_set: (x, timeNs) => {
        const previous = x.globalTimerNs ?? x.input.globalTimerNs ?? 0n;
        x.globalTimerNs = timeNs;
        return previous;
    },
    performance_counter: (x, type) => {
        if (type === 0) return x.instructionsUsed;
        if (type === 1) return x.input.contextInstructions + x.instructionsUsed;
        throw userViolation(`Error getting performance counter type ${type}`);
    }
});
