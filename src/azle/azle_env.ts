import { canisterSelf, isController, msgCaller, time } from 'azle';
import type { Env } from '../core/env';

/** The surroundings of the message that is being executed. */
export const azleEnv: Env = {
    nowNs: () => time(),
    caller: () => msgCaller(),
    self: () => canisterSelf(),
    isController: (who) => isController(who)
};
