import type { Keys } from './keys';
import type { LocalSuite } from './local_suite';

/** The last line of `npm start -- --once`: values read back from the canisters. */
export interface Summary {
    readonly network_ready_ms: number;
    readonly job: {
        readonly id: bigint;
        readonly status: string;
        readonly credits: bigint;
        readonly dimensions: number;
    };
    readonly settlement: { readonly round: bigint; readonly pool_e8s: bigint; readonly shares: bigint };
    readonly claim: { readonly paid_e8s: bigint; readonly block_index: bigint };
    readonly total_supply_e8s: bigint;
}

/** What is up after the story. */
export interface Running {
    readonly suite: LocalSuite;
    readonly keys: Keys;
    readonly apiKey: string;
    readonly networkUrl: string;
    readonly gatewayUrl: string;
    readonly rootKey: string;
}
