/** What the certification layer reads: canisters and requests as the state tree shows them. */
import { createHash } from 'node:crypto';
import type { CanisterView, RequestView } from './api';
import type { Canister } from './canister';
import type { NativeCanister } from './native';
import type { Network, RequestRecord } from './network';

/** A canister's entry in the state tree. */
export function canisterView(canister: Canister): CanisterView {
    return {
        canisterId: canister.id,
        controllers: canister.settings.controllers,
        moduleHash: canister.module?.code.hash,
        certifiedData: canister.certifiedData,
        metadata: canister.module?.metadata ?? [],
        createdAtNs: canister.createdAtNs,
        installedAtNs: canister.installedAtNs,
        changeCounter: canister.changeCounter
    };
}

/** Of native canisters only the certified data change. Instead of a module's hash they show that of their interface: clients expect one. */
export function nativeView(network: Network, native: NativeCanister): CanisterView {
    const certified = native.certified?.();
    return {
        canisterId: native.canisterId,
        controllers: native.controllers,
        moduleHash: interfaceHash(native),
        certifiedData: certified?.data ?? new Uint8Array(0),
        metadata: native.metadata,
        createdAtNs: network.genesisNs,
        changeCounter: certified?.version ?? 0
    };
}

const interfaceHashes = new WeakMap<NativeCanister, Uint8Array>();

function interfaceHash(native: NativeCanister): Uint8Array {
    const known = interfaceHashes.get(native);
    if (known !== undefined) return known;
    const hash = createHash('sha256');
    for (const { content } of native.metadata) hash.update(content);
    const digest = new Uint8Array(hash.digest());
    interfaceHashes.set(native, digest);
    return digest;
}

/** A request's entry in the state tree. */
export function requestView(request: RequestRecord): RequestView {
    const { requestId, sender, canisterId, effectiveCanisterId, status, changeCounter } = request;
    return { requestId, sender, canisterId, effectiveCanisterId, status, changeCounter };
}
