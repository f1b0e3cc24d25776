import type { LoadedModule } from '../execution';
import type { Canister } from '../state/canister';
import type { IcError } from '../state/errors';
import { noWasmModule } from '../state/failures';
import type { InstallMode } from './types';

/** Why the mode does not fit the canister or the module; undefined when it does. */
export function modeRefusal(canister: Canister, mode: InstallMode, code: LoadedModule): IcError | undefined {
    if (mode.kind === 'install' && canister.module !== undefined) return nonEmpty(canister);
    if (mode.kind !== 'upgrade') return undefined;
    if (canister.module === undefined) return noWasmModule(canister);
    return persistenceRefusal(mode, canister.module.code, code);
}

function nonEmpty(canister: Canister): IcError {
    const message =
        `Canister ${canister.text} cannot be installed because the canister is not empty. ` +
        `Try installing with mode='reinstall' instead.`;
    return { code: 'CanisterNonEmpty', message };
}

/** Code that keeps its data in the heap must say what becomes of the heap, and other code must not keep one. */
function persistenceRefusal(
    { value: options }: Extract<InstallMode, { readonly kind: 'upgrade' }>,
    before: LoadedModule,
    after: LoadedModule
): IcError | undefined {
    const persistence = options?.wasm_memory_persistence?.kind;
    if (persistence === undefined && before.hasEnhancedOrthogonalPersistence) {
        const message =
            'Missing upgrade option: Enhanced orthogonal persistence requires the `wasm_memory_persistence` upgrade option.';
        return { code: 'CanisterContractViolation', message };
    }
    if (persistence === 'keep' && !after.hasEnhancedOrthogonalPersistence) {
        const message =
            'Invalid upgrade option: The `wasm_memory_persistence: opt Keep` upgrade option requires that ' +
            'the new canister module supports enhanced orthogonal persistence.';
        return { code: 'CanisterContractViolation', message };
    }
    return undefined;
}
