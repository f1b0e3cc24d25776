/** Queries in another thread: what it is told, and what it does. */
import { attachSandbox, type DetachedState, type WasmSandbox } from '../execution';
import type { ExecutionInput, ExecutionOutput } from '../execution/types';
import { Prices, type PriceConfig } from '../cycles/prices';
import { filled, type Pages, type PagesMessage } from '../scheduler/detached_pages';
import { queueRoom } from '../scheduler/input';
import type { PlainInput } from '../state/long_execution';
import type { TargetCopy } from './view';

/** What the thread does with a copy of a canister, which has a number. */
export type CopyMessage =
    /** Makes it; its pages came before. */
    | { readonly kind: 'attach'; readonly copy: number; readonly state: DetachedState }
    /** Opens it, undoes what happened in it, forgets it. */
    | { readonly kind: 'enter' | 'leave' | 'release'; readonly copy: number }
    /** Is answered with the output. */
    | {
          readonly kind: 'execute';
          readonly copy: number;
          readonly input: PlainInput;
          readonly outstandingTo: ReadonlyMap<string, number>;
          readonly prices: PriceConfig;
      };

/** All that the thread is told. */
export type QueryMessages = PagesMessage | CopyMessage;

/** The message that asks for the execution. */
export function executeMessage(copy: number, input: ExecutionInput, target: TargetCopy): CopyMessage {
    const { queueRoom: _queueRoom, costs: _costs, ...plain } = input;
    const { outstandingTo, prices } = target;
    return { kind: 'execute', copy, input: plain, outstandingTo, prices };
}

/** A message about a copy that the thread does not have: a bug of the sender. */
class UnknownCopy extends Error {
    override readonly name = 'UnknownCopy';
}

/** The copies that a thread has. */
export class Copies {
    private readonly sandboxes = new Map<number, WasmSandbox>();

    /** Does what the message says; an output for `execute`. */
    take(message: CopyMessage, pages: Pages): ExecutionOutput | undefined {
        if (message.kind === 'attach') {
            this.sandboxes.set(message.copy, attachSandbox(filled(message.state, pages)));
            return undefined;
        }
        const sandbox = this.sandboxes.get(message.copy);
        if (sandbox === undefined) throw new UnknownCopy();
        switch (message.kind) {
            case 'enter':
                sandbox.begin();
                return undefined;
            case 'leave':
                sandbox.rollback();
                return undefined;
            case 'release':
                this.sandboxes.delete(message.copy);
                return undefined;
            case 'execute': {
                const { input, outstandingTo, prices } = message;
                return sandbox.execute({ ...input, queueRoom: queueRoom(outstandingTo), costs: new Prices(prices) });
            }
        }
    }
}
