import type { ActorSubclass } from '@dfinity/agent';
import type { _SERVICE as HubService } from '../../declarations/hub';
import type { _SERVICE as RewardsService } from '../../declarations/rewards';
import type { RecordsPort } from '../agreement/ports';

/** What hub and rewards recorded for good. Without their actors nothing can be seen. */
export function canisterRecords(
    hub: ActorSubclass<Pick<HubService, 'get_window' | 'current_window'>> | undefined,
    rewards: ActorSubclass<Pick<RewardsService, 'get_settlement'>> | undefined
): RecordsPort {
    return {
        async windowCounts(window) {
            const [view] = (await hub?.get_window(window)) ?? [];
            if (view === undefined || !('Settled' in view.state)) return undefined;
            return { window, records: view.records, successes: view.successes, credits: view.credits };
        },
        async currentWindow() {
            const [current] = (await hub?.current_window()) ?? [];
            return current?.window;
        },
        async tradesSettled(round) {
            const [settlement] = (await rewards?.get_settlement(round)) ?? [];
            if (settlement === undefined) return undefined;
            const { trade_volume_e8s: volumeE8s, source_hash: sourceHash } = settlement;
            return { round, volumeE8s, sourceHash: Uint8Array.from(sourceHash) };
        }
    };
}
