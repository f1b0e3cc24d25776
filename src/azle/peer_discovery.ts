import { canisterSelf, IDL } from 'azle';
import { Principal } from '@dfinity/principal';
import { CANISTERS, peersFromSettings } from '../core/peers';
import { callRemote, remoteMethod } from './c2c';
import type { PeerDirectory } from './peers';
import { after } from './timers';

/** The part of `canister_status` (management canister) that holds a canister's environment variables. */
interface OwnStatus {
    settings: { environment_variables: [] | [{ name: string; value: string }[]] };
}

const Variable = IDL.Record({ name: IDL.Text, value: IDL.Text });
const Settings = IDL.Record({ environment_variables: IDL.Opt(IDL.Vec(Variable)) });
const canisterStatus = remoteMethod<[{ canister_id: Principal }], OwnStatus>(
    'canister_status',
    [IDL.Record({ canister_id: IDL.Principal })],
    IDL.Record({ settings: Settings })
);

/**
 * Learns the ids of the peers that neither the arguments nor the build named from the canister's own settings, where
 * `icp deploy` writes them (`PUBLIC_CANISTER_ID:<name>`). A canister may always ask for its own status. Called in init and
 * post_upgrade; what is already known stays.
 */
export function discoverPeers(peers: PeerDirectory, onLearned: () => void = () => undefined): void {
    const missing = CANISTERS.some((name) => peers.get(name) === undefined);
    if (!missing) return;
    after(0, async () => {
        const self = canisterSelf();
        const status = await callRemote(Principal.managementCanister(), canisterStatus, [{ canister_id: self }]);
        if (!status.ok) return;
        const [variables] = status.value.settings.environment_variables;
        const learned = peersFromSettings(variables ?? []);
        // One by one: a directory lists the ids that it does not know as undefined.
        for (const name of CANISTERS) {
            if (peers.get(name) === undefined) peers.merge({ [name]: learned[name] });
        }
        onLearned();
    });
}
