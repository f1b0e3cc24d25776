/** What a canister is asked outside of rounds. The answer follows from the state at the beginning, and changes nothing. */
import type { IcError } from '../state/errors';
import type { Network } from '../state/network';
import type { Evaluation } from './evaluation';
import type { QueryView } from './view';

/** A query, an inspection or a transform, not yet begun. */
export interface Question<T> {
    readonly canisterId: Uint8Array;
    /** Whether the canister may ask others before it answers. */
    isComposite(network: Network): boolean;
    /** Begins. With a slice of instructions the evaluation is given up when it runs out. */
    evaluate(view: QueryView, slice?: bigint): Evaluation<T>;
    /** The answer where the network cannot find one. */
    failed(error: IcError): T;
}
