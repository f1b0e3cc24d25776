import type { ActorSubclass } from '@dfinity/agent';
import type { Principal } from '@dfinity/principal';
import { asked } from '../../client/asked';
import type { _SERVICE } from '../../declarations/compute_gateway';
import type { GatewayDirectory } from '../hints/hint_lines';

/** The gateways that the compute_gateway canister lists, where they have said where they are. */
export function canisterGateways(actor: ActorSubclass<_SERVICE>, canister: Principal): GatewayDirectory {
    return {
        canister,
        urls: () =>
            asked('list_gateways', async () => {
                const gateways = await actor.list_gateways();
                const urls = await Promise.all(gateways.map((gateway) => actor.get_gateway_url(gateway)));
                return urls.flat().filter((url) => URL.canParse(url));
            })
    };
}
