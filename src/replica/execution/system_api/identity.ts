/** Who and where the canister is. */
import { invalidPrincipal } from '../traps';
import { equalBytes } from './bytes';
import { copyToHeap, fromHeap } from './copy';
import { group } from './handlers';

const MAX_PRINCIPAL_BYTES = 29;

/** Who and where the canister is, its status and version, and who controls it. */
export const identityApi = group({
    canister_self_size: (x) => x.input.self.length,
    canister_self_copy: (x, dst, offset, size) =>
        copyToHeap(x, 'canister_self_copy', { what: 'id', bytes: x.input.self }, { dst, offset, size }),
    subnet_self_size: (x) => x.input.subnet.length,
    subnet_self_copy: (x, dst, offset, size) =>
        copyToHeap(x, 'subnet_self_copy', { what: 'id', bytes: x.input.subnet }, { dst, offset, size }),
    root_key_size: (x) => x.input.rootKey.length,
    root_key_copy: (x, dst, offset, size) =>
        copyToHeap(x, 'root_key_copy', { what: 'bytes', bytes: x.input.rootKey }, { dst, offset, size }),
    canister_status: (x) => x.input.status,
    canister_version: (x) => x.input.canisterVersion,
    is_controller: (x, src, size) => {
        const principal = fromHeap(x, 'ic0.is_controller', src, size);
        if (principal.length > MAX_PRINCIPAL_BYTES) throw invalidPrincipal();
        return x.input.controllers.some((controller) => equalBytes(controller, principal)) ? 1 : 0;
    },
    in_replicated_execution: (x) => (x.input.replicated ? 1 : 0)
});
