/** Snapshots: taking, loading, listing and deleting them. */
import { createSandbox, instantiationTrap, loadModule, type LoadedModule, type Trap } from '../execution';
import type { Canister } from '../state/canister';
import type { IcError } from '../state/errors';
import { trapped } from '../state/failures';
import { installed, type InstalledModule, type InstalledSandbox } from '../state/module';
import { touchCanister, type Network } from '../state/network';
import { idKey } from '../state/principals';
import { snapshotBytes, snapshotId, type Snapshot } from '../state/snapshot';
import { unpayableGrowth } from '../cycles/account';
import { vec, type Decoded } from '../candid/codecs';
import {
    changeOrigin,
    chargeWork,
    controlledOrSelf,
    done,
    failed,
    method,
    snapshotViewed,
    type ManagementCall,
    type Outcome
} from './call';
import { loadArgument, snapshot as snapshotResult, snapshotArgument, takeArgument } from './snapshot_types';
import { canisterArgument } from './types';
import { uninstall } from './uninstall';

const maxSnapshots = 10;
/** Priced like executions: a base, and one instruction for each byte. */
const wholeSnapshotInstructions = 2_000_000_000n;

/** What the snapshot's id is in messages. */
export function snapshotText({ id }: Pick<Snapshot, 'id'>): string {
    return idKey(id);
}

/** IC0406 in the words of snapshots. */
function rejected(message: string): IcError {
    return { code: 'CanisterRejectedMessage', message };
}

/** The canister's own snapshot with this id, or IC0305 or, for that of another canister, IC0406. */
export function findSnapshot(
    { network }: ManagementCall,
    canister: Canister,
    id: Uint8Array
): { readonly ok: true; readonly snapshot: Snapshot } | { readonly ok: false; readonly error: IcError } {
    const key = idKey(id);
    const snapshot = canister.snapshots.get(key);
    if (snapshot !== undefined) return { ok: true, snapshot };
    const isForeign = [...network.canisters.values()].some(({ snapshots }) => snapshots.has(key));
    if (isForeign) {
        return { ok: false, error: rejected(`The snapshot ${key} does not belong to canister ${canister.text}`) };
    }
    const message = `Could not find the snapshot ID ${key} for canister ${canister.text}`;
    return { ok: false, error: { code: 'CanisterSnapshotNotFound', message } };
}

/** Why no snapshot may be added: too many, or a replaced one that is not the canister's. */
export function additionRefusal(
    call: ManagementCall,
    canister: Canister,
    replaced: Uint8Array | undefined
): IcError | undefined {
    if (replaced !== undefined) {
        const found = findSnapshot(call, canister, replaced);
        return found.ok ? undefined : found.error;
    }
    if (canister.snapshots.size < maxSnapshots) return undefined;
    return rejected(`Canister ${canister.text} has reached the maximum number of snapshots allowed: ${maxSnapshots}.`);
}

/** What the snapshot to be replaced takes. */
export function replacedBytes({ snapshots }: Canister, replaced: Uint8Array | undefined): bigint {
    const old = replaced && snapshots.get(idKey(replaced));
    return old === undefined ? 0n : BigInt(snapshotBytes(old));
}

/** Makes the snapshot the canister's, in place of another if one is named. */
export function addSnapshot(
    canister: Canister,
    content: Omit<Snapshot, 'id'>,
    replaced: Uint8Array | undefined
): Snapshot {
    const snapshot = { ...content, id: snapshotId(canister.id, canister.nextSnapshot) };
    canister.nextSnapshot += 1n;
    if (replaced !== undefined) canister.snapshots.delete(idKey(replaced));
    canister.snapshots.set(idKey(snapshot.id), snapshot);
    return snapshot;
}

function describe(snapshot: Snapshot): Decoded<typeof snapshotResult> {
    const { id, takenAtNs } = snapshot;
    return { id, taken_at_timestamp: takenAtNs, total_size: BigInt(snapshotBytes(snapshot)) };
}

function contentOf({ network }: ManagementCall, canister: Canister, module: InstalledModule): Omit<Snapshot, 'id'> {
    return {
        ...module.sandbox.save(),
        source: 'taken',
        takenAtNs: network.roundNs,
        canisterVersion: canister.version,
        wasm: module.code.uploaded,
        stable: module.sandbox.stable.copy(),
        certifiedData: canister.certifiedData,
        chunks: new Map(canister.chunks),
        globalTimerNs: canister.globalTimerNs,
        hookStatus: canister.lowMemoryHook
    };
}

/** `take_canister_snapshot`: controllers and the canister itself; at most ten, or in place of one. */
export const takeSnapshot = method({
    ingress: 'controllers',
    argument: takeArgument,
    result: snapshotResult,
    target: (argument) => argument.canister_id,
    run: (call, { canister_id, replace_snapshot, uninstall_code, sender_canister_version }) => {
        const found = controlledOrSelf(call, canister_id);
        if (!found.ok) return failed(found.error);
        const { canister } = found;
        const { module } = canister;
        if (module === undefined) {
            return failed(rejected(`Failed to create snapshot for empty canister ${canister.text}`));
        }
        const content = contentOf(call, canister, module);
        const size = BigInt(snapshotBytes({ ...content, id: canister.id }));
        const refusal =
            additionRefusal(call, canister, replace_snapshot) ??
            unpayableGrowth(call.network, canister, size - replacedBytes(canister, replace_snapshot), call.caller) ??
            chargeWork(call, canister, wholeSnapshotInstructions + size);
        if (refusal !== undefined) return failed(refusal);
        const snapshot = addSnapshot(canister, content, replace_snapshot);
        if (uninstall_code === true) uninstall(call.network, canister, changeOrigin(call, sender_canister_version));
        return done(describe(snapshot));
    }
});

/** `list_canister_snapshots`: controllers, viewers by the settings, the canister itself. */
export const listSnapshots = method({
    ingress: 'snapshot_viewers',
    argument: canisterArgument,
    result: vec(snapshotResult),
    target: (argument) => argument.canister_id,
    run: (call, { canister_id }) => {
        const found = snapshotViewed(call, canister_id);
        return found.ok ? done([...found.canister.snapshots.values()].map(describe)) : failed(found.error);
    }
});

/** `delete_canister_snapshot`: controllers and the canister itself. */
export const deleteSnapshot = method({
    ingress: 'controllers',
    argument: snapshotArgument,
    target: (argument) => argument.canister_id,
    run: (call, { canister_id, snapshot_id }) => {
        const found = controlledOrSelf(call, canister_id);
        if (!found.ok) return failed(found.error);
        const snapshot = findSnapshot(call, found.canister, snapshot_id);
        if (!snapshot.ok) return failed(snapshot.error);
        found.canister.snapshots.delete(idKey(snapshot_id));
        return done(undefined);
    }
});

/** `load_canister_snapshot`: controllers and the canister itself. */
export const loadSnapshot = method({
    ingress: 'controllers',
    argument: loadArgument,
    target: (argument) => argument.canister_id,
    run: (call, { canister_id, snapshot_id, sender_canister_version }): Outcome<undefined> => {
        const found = controlledOrSelf(call, canister_id);
        if (!found.ok) return failed(found.error);
        const { canister } = found;
        const chosen = findSnapshot(call, canister, snapshot_id);
        if (!chosen.ok) return failed(chosen.error);
        const { snapshot } = chosen;
        const instructions = wholeSnapshotInstructions + BigInt(snapshotBytes(snapshot));
        const refusal = chargeWork(call, canister, instructions);
        if (refusal !== undefined) return failed(refusal);
        const module = restore(canister, snapshot);
        if (!module.ok) return failed(module.error);
        adopt(call.network, canister, module.module, snapshot);
        canister.history.add({
            timestampNs: call.network.roundNs,
            canisterVersion: canister.version,
            origin: changeOrigin(call, sender_canister_version),
            details: {
                kind: 'load_snapshot',
                canisterVersion: snapshot.canisterVersion,
                snapshotId: snapshot.id,
                takenAtNs: snapshot.takenAtNs
            }
        });
        return done(undefined);
    }
});

type Restored =
    { readonly ok: true; readonly module: InstalledModule } | { readonly ok: false; readonly error: IcError };

/** The module with the snapshot's memories, which uploaded snapshots may have wrong. */
function restore(canister: Canister, snapshot: Snapshot): Restored {
    const loaded = loadModule(snapshot.wasm);
    if (!loaded.ok) return { ok: false, error: trapped(canister, loaded.error) };
    const sandbox = tryCreate(loaded.module, snapshot);
    if ('code' in sandbox) return { ok: false, error: trapped(canister, sandbox) };
    if (sandbox.load(snapshot)) return { ok: true, module: installed(loaded.module, sandbox) };
    sandbox.dispose();
    const message = `Snapshot ${snapshotText(snapshot)} does not fit its module: heap or globals are those of another.`;
    return { ok: false, error: { code: 'InvalidManagementPayload', message } };
}

function tryCreate(module: LoadedModule, { stable }: Snapshot): InstalledSandbox | Trap {
    try {
        return createSandbox(module, stable.copy());
    } catch (error) {
        return instantiationTrap(error);
    }
}

/** Settings, balance, history and logs stay; timer and hook change only if an uploaded snapshot names them. */
function adopt(network: Network, canister: Canister, module: InstalledModule, snapshot: Snapshot): void {
    canister.module?.sandbox.dispose();
    canister.module = module;
    canister.certifiedData = snapshot.certifiedData;
    canister.chunks.clear();
    for (const [key, chunk] of snapshot.chunks) canister.chunks.set(key, chunk);
    if (snapshot.source === 'uploaded') {
        canister.globalTimerNs = snapshot.globalTimerNs ?? canister.globalTimerNs;
        canister.lowMemoryHook = snapshot.hookStatus ?? canister.lowMemoryHook;
    }
    canister.version += 1n;
    canister.installedAtNs = network.roundNs;
    touchCanister(network, canister);
}
