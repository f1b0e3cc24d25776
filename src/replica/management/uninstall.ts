/** Taking a canister's code and memories away. */
import type { Canister } from '../state/canister';
import type { ChangeOrigin } from '../state/history';
import type { Network } from '../state/network';
import { touchCanister } from '../state/network';
import { abandonContexts } from '../scheduler/contexts';
import { managementId } from '../state/principals';

/** Rejects all open calls and drops code, memories, certified data, logs and timer; keeps id, balance, settings, history. */
export function uninstall(network: Network, canister: Canister, origin: ChangeOrigin): void {
    canister.module?.sandbox.dispose();
    canister.module = undefined;
    canister.installedAtNs = undefined;
    canister.certifiedData = new Uint8Array(0);
    canister.globalTimerNs = 0n;
    canister.lowMemoryHook = 'quiet';
    canister.log.clear();
    canister.version += 1n;
    canister.history.add({
        timestampNs: network.roundNs,
        canisterVersion: canister.version,
        origin,
        details: { kind: 'code_uninstall' }
    });
    abandonContexts(network, canister);
    touchCanister(network, canister);
}

/** The network uninstalls a canister that cannot pay its rent; its allocations end with it. */
export function uninstallByNetwork(network: Network, canister: Canister): void {
    canister.settings = { ...canister.settings, computeAllocation: 0n, memoryAllocation: 0n };
    canister.chunks.clear();
    if (canister.module === undefined) return;
    uninstall(network, canister, { kind: 'canister', canisterId: managementId });
}
