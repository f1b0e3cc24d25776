/**
 * Types of the public face of `InternetComputer`: what the HTTP interface, the PocketIC server and the certification
 * layer say to the state machine and read from it. Principals travel as raw bytes.
 */
import type { ErrorName } from './errors';
import type { CallResponse } from './message';

/** A refusal or failure, as clients see it. */
export interface Rejection {
    /** 1 SYS_FATAL … 5 CANISTER_ERROR, 6 SYS_UNKNOWN. */
    readonly rejectCode: number;
    /** `IC0301` */
    readonly errorCode: string;
    /** `CanisterNotFound`, the PocketIC spelling. */
    readonly errorName: ErrorName;
    readonly message: string;
}

/** Both ends belong to the range. */
export interface CanisterRange {
    readonly start: Uint8Array;
    readonly end: Uint8Array;
}

/** All that a network is made from. */
export interface NetworkConfig {
    readonly subnetId: Uint8Array;
    /** DER, 133 bytes; what `ic0.root_key` and the status endpoint show. */
    readonly rootKeyDer: Uint8Array;
    readonly nodeIds: readonly Uint8Array[];
    /** Feeds raw_rand; equal seeds and equal inputs give equal histories. */
    readonly seed: Uint8Array;
    /** Clock at genesis, nanoseconds since 1970. Default 2021-05-06T19:17:10Z, as PocketIC. */
    readonly genesisNs?: bigint;
    /** Default `Normal`. `Free` makes every price zero. */
    readonly costSchedule?: 'Normal' | 'Free';
    /** Default `production`; `benchmarking` lifts every instruction limit out of the way. */
    readonly instructionLimits?: 'production' | 'benchmarking';
    /** A system subnet, whose limits are higher. */
    readonly isSystem?: boolean;
    /** Size of the subnet that prices are computed for; default 13. */
    readonly pricedNodes?: number;
    /** Default: one range, from 00…00 01 01 to ff…ff 01 01. */
    readonly canisterRanges?: readonly CanisterRange[];
    /** Part of the ranges where canisters are created: nobody may choose an id in it. Default: every free id may be chosen. */
    readonly allocation?: CanisterRange;
    /** Names of the threshold keys that exist; default: all. */
    readonly thresholdKeys?: readonly string[];
    /** Index (first 8 bytes) of the first allocated canister id; default that of lxzze-o7777-77777-aaaaa-cai. */
    readonly firstCanisterIndex?: bigint;
    /** Subnets besides this one. Their ranges must not overlap with others of the network. */
    readonly otherSubnets?: readonly SubnetConfig[];
    /** Brings the subnet into being that a canister id of no subnet belongs to; undefined when there is none. */
    readonly addSubnet?: (canisterId: Uint8Array) => SubnetConfig | undefined;
    /** CBOR data certificate for queries, asked at most once per query. Without it canisters see no certificate. */
    readonly dataCertificate?: (canisterId: Uint8Array) => Uint8Array | undefined;
    /** Called when a canister starts an HTTPS outcall, so that a live driver can perform it. */
    readonly onHttpOutcall?: (outcall: HttpOutcall) => void;
    /** Told of every text that a canister prints, replicated executions only. */
    readonly onCanisterLog?: (canisterId: Uint8Array, timeNs: bigint, text: Uint8Array) => void;
}

/** A subnet besides the one where canisters are created by default. */
export interface SubnetConfig {
    readonly subnetId: Uint8Array;
    /** Default: nobody knows its nodes. */
    readonly nodeIds?: readonly Uint8Array[];
    readonly costSchedule?: 'Normal' | 'Free';
    readonly instructionLimits?: 'production' | 'benchmarking';
    readonly isSystem?: boolean;
    readonly pricedNodes?: number;
    readonly canisterRanges: readonly CanisterRange[];
    readonly allocation?: CanisterRange;
    readonly firstCanisterIndex: bigint;
}

/** Attributes of a sender that signs through a canister, vouched for by that canister. */
export interface CallerInfo {
    readonly data: Uint8Array;
    /** The canister's id. */
    readonly signer: Uint8Array;
}

/** An update call of a user, authenticated by whoever submits it. */
export interface IngressMessage {
    /** 32 bytes; the identity of the message: a second one with the same id is never executed. */
    readonly requestId: Uint8Array;
    readonly sender: Uint8Array;
    readonly canisterId: Uint8Array;
    readonly effectiveCanisterId: Uint8Array;
    readonly methodName: string;
    readonly argument: Uint8Array;
    readonly ingressExpiryNs: bigint;
    readonly callerInfo?: CallerInfo;
}

/** `known`: the id was submitted before; nothing happens. */
export type SubmitResult =
    | { readonly kind: 'accepted' }
    | { readonly kind: 'known'; readonly status: IngressStatus }
    | { readonly kind: 'rejected'; readonly rejection: Rejection };

/** Who made a subnet's block of a round, and who should have before. */
export interface BlockMakers {
    readonly subnetId: Uint8Array;
    readonly blockMaker: Uint8Array;
    readonly failed: readonly Uint8Array[];
}

/** Everything that changes a network's state; applied in the same order they make the same history. */
export type NetworkInput =
    | { readonly kind: 'ingress'; readonly message: IngressMessage }
    /** One round at this clock; `isSliced` when it did not wait for long executions. */
    | {
          readonly kind: 'round';
          readonly clockNs: bigint;
          readonly isSliced?: boolean;
          readonly roomBytes?: bigint;
          readonly blockMakers?: readonly BlockMakers[];
      }
    /** A long execution is over. What it did follows from the state. */
    | { readonly kind: 'execution_ended'; readonly canisterId: Uint8Array; readonly id: number }
    | { readonly kind: 'certified_time'; readonly nowNs: bigint }
    | { readonly kind: 'outcall_answer'; readonly id: bigint; readonly answer: HttpOutcallAnswer }
    /** The response that the canister's transform has made of the answer. */
    | { readonly kind: 'outcall_response'; readonly id: bigint; readonly response: CallResponse }
    | { readonly kind: 'cycles'; readonly canisterId: Uint8Array; readonly amount: bigint }
    | { readonly kind: 'stable_memory'; readonly canisterId: Uint8Array; readonly bytes: Uint8Array };

/** Where a request is: the statuses of the specification. */
export type IngressStatus =
    | { readonly kind: 'unknown' }
    | { readonly kind: 'received' }
    | { readonly kind: 'processing' }
    | { readonly kind: 'replied'; readonly data: Uint8Array }
    | { readonly kind: 'rejected'; readonly rejection: Rejection }
    | { readonly kind: 'done' };

/** A query of a user. */
export interface QueryMessage {
    readonly sender: Uint8Array;
    readonly canisterId: Uint8Array;
    readonly methodName: string;
    readonly argument: Uint8Array;
    readonly callerInfo?: CallerInfo;
    /** Says which subnet's management canister is asked; default: that of the home subnet. */
    readonly effectiveCanisterId?: Uint8Array;
}

/** The answer to a query. */
export type QueryResult =
    | { readonly kind: 'replied'; readonly data: Uint8Array }
    | { readonly kind: 'rejected'; readonly rejection: Rejection };

/** A custom section of a module that the state tree shows. */
export interface MetadataSection {
    /** Without the `icp:public ` or `icp:private ` prefix. */
    readonly name: string;
    readonly visibility: 'public' | 'private';
    readonly content: Uint8Array;
}

/** What the state tree shows of a canister. */
export interface CanisterView {
    readonly canisterId: Uint8Array;
    readonly controllers: readonly Uint8Array[];
    /** sha256 of the module as uploaded; undefined when empty. */
    readonly moduleHash?: Uint8Array;
    readonly certifiedData: Uint8Array;
    readonly metadata: readonly MetadataSection[];
    readonly createdAtNs: bigint;
    readonly installedAtNs?: bigint;
    /** Grows whenever one of the fields above changes: the key of a digest cache. */
    readonly changeCounter: number;
}

/** What the state tree shows of a subnet's work. */
export interface SubnetMetrics {
    readonly canisters: number;
    /** Of all canisters: what rent is paid for. */
    readonly stateBytes: bigint;
    /** By all canisters, deleted ones included. */
    readonly consumedCycles: bigint;
    /** Messages, responses and tasks that were executed. */
    readonly transactions: bigint;
}

/** What the state tree shows of a request. */
export interface RequestView {
    readonly requestId: Uint8Array;
    readonly sender: Uint8Array;
    /** Whom it was sent to; empty for the management canister. */
    readonly canisterId: Uint8Array;
    readonly effectiveCanisterId: Uint8Array;
    readonly status: IngressStatus;
    readonly changeCounter: number;
}

/** An execution that outlasted its slice. */
export interface LongExecutionView {
    readonly canisterId: Uint8Array;
    readonly id: number;
}

/** An HTTPS outcall that waits for its answer. */
export interface HttpOutcall {
    readonly id: bigint;
    readonly canisterId: Uint8Array;
    readonly url: string;
    /** PUT and DELETE only where a single node sends the request. */
    readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
    readonly headers: readonly (readonly [name: string, value: string])[];
    readonly body: Uint8Array;
    readonly maxResponseBytes: bigint;
}

/** What the outside made of an outcall. */
export type HttpOutcallAnswer =
    | {
          readonly kind: 'reply';
          readonly status: number;
          readonly headers: readonly (readonly [name: string, value: string])[];
          readonly body: Uint8Array;
      }
    | { readonly kind: 'reject'; readonly rejectCode: number; readonly message: string };
