/** Canisters written in TypeScript, living at fixed ids: ledgers and minters that need no WebAssembly. */
import type { CallResponse } from './message';
import type { MetadataSection } from './api';

/** What goes along with a call to the management canister, and to which subnet's. */
export interface NativeCallTerms {
    readonly cycles: bigint;
    readonly subnetId: Uint8Array;
}

/** What a native canister may do to the network while it answers. */
export interface NativeHost {
    readonly nowNs: bigint;
    /** Calls a subnet's management canister as the native canister; cycles beyond what the method takes come back. */
    callManagement(method: string, argument: Uint8Array, terms: NativeCallTerms): CallResponse;
    /** False when no such canister exists. */
    depositCycles(canisterId: Uint8Array, amount: bigint): boolean;
}

/** A call or query that arrives at a native canister. */
export interface NativeCall {
    readonly caller: Uint8Array;
    readonly method: string;
    readonly argument: Uint8Array;
    readonly cyclesAvailable: bigint;
}

/** What a query may see beside its argument. */
export interface NativeQueryView {
    readonly nowNs: bigint;
    /** A certificate of the canister's certified data (`ic0.data_certificate`); absent in nested queries. */
    readonly certificate?: () => Uint8Array | undefined;
}

/** What the state tree shows as a native canister's certified data. */
export interface NativeCertifiedData {
    /** At most 32 bytes. */
    readonly data: Uint8Array;
    /** Grows whenever the data change. */
    readonly version: number;
}

/** What it makes of a call. */
export interface NativeAnswer {
    readonly response: CallResponse;
    /** At most what was available; the rest is refunded. */
    readonly cyclesAccepted: bigint;
}

/** Answers at once, without calls of its own beyond `NativeHost`; its state is its own business. */
export interface NativeCanister {
    readonly canisterId: Uint8Array;
    readonly controllers: readonly Uint8Array[];
    readonly metadata: readonly MetadataSection[];
    update(call: NativeCall, host: NativeHost): NativeAnswer;
    query(call: NativeCall, view: NativeQueryView): CallResponse;
    /** Absent for canisters that certify nothing. */
    readonly certified?: () => NativeCertifiedData;
}
