import type { ActorSubclass } from '@dfinity/agent';
import { asked } from '../../client/asked';
import { NS_PER_MS } from '../../core/clock';
import type { _SERVICE as Gateway } from '../../declarations/compute_gateway';
import type { _SERVICE as Hub } from '../../declarations/hub';
import type { NetworkPort } from '../network_watch';

/** How the canisters do that a gateway stands on, by free queries. */
export function canisterNetwork(gateway: ActorSubclass<Gateway>, hub: ActorSubclass<Hub>): NetworkPort {
    return {
        cycles: () =>
            asked('status', async () => {
                const [ofGateway, ofHub] = await Promise.all([gateway.status(), hub.status()]);
                return { compute_gateway: ofGateway.cycles, hub: ofHub.cycles };
            }),
        unsettledSinceMs: () =>
            asked('settlement_status', async () => {
                const { next_window: next } = await hub.settlement_status();
                const [window] = await hub.get_window(next);
                return window === undefined ? undefined : Number(window.ends_ns / NS_PER_MS);
            })
    };
}
