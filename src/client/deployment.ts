import { IDL } from '@dfinity/candid';
import type { Principal } from '@dfinity/principal';
import { CANISTERS, type CanisterName } from '../core/peers';
import type { PocSpec } from '../core/poc/spec';
import { toSpecView } from '../core/poc/spec_view';
import { INIT_TYPES, type CanisterIds } from './canisters';

/** What a deployment of the suite may set; absent fields keep each canister's default. */
export interface SuiteOptions {
    readonly profile?: string;
    /** Length of a round; 7 200 s on the live network. */
    readonly roundS?: bigint;
    readonly genesisNs?: bigint;
    /** Seconds between a round's end and the closing of its window. */
    readonly windowGraceS?: bigint;
    /** Least seconds between two status reports of a node. */
    readonly statusSpacingS?: bigint;
    /** Least seconds between two proofs of computing of a node. */
    readonly pocSpacingS?: bigint;
    /** Seconds within which requests for proofs of computing share a slot. */
    readonly pocSlotS?: bigint;
    /** Who verifies proofs of computing. */
    readonly pocMode?: 'onchain' | 'hybrid' | 'quorum';
    /** Version 1 of the proof of computing; default: that of a network of GPUs. */
    readonly pocSpec?: PocSpec;
    /** Seconds for which a passed proof of computing keeps a node eligible for rewards. */
    readonly verificationPeriodS?: bigint;
    /** Bounds of the job queue, as its init argument names them (`min_lease_s`, …). */
    readonly queueLimits?: Readonly<Record<string, bigint>>;
    /** Least and most seconds between two probes of a node by a validator; an hour or two on the live network. */
    readonly probeMinS?: bigint;
    readonly probeMaxS?: bigint;
    /** Account owner that gets the `public` allocation; default: whoever installs the ledger. */
    readonly publicOwner?: Principal;
    /** Who governs the canisters; default: the rewards canister, by its proposals. */
    readonly governance?: Principal;
    /** Blocks above which the ledger moves old ones to archives, once it has their code; default: it moves none. */
    readonly archiveAbove?: bigint;
}

/** Init argument of each canister, Candid-encoded; each learns the ids of all others. */
export function initArguments(ids: CanisterIds, options: SuiteOptions = {}): ReadonlyMap<CanisterName, Uint8Array> {
    const peers = optionalFields(ids);
    const { profile, governance } = options;
    const fields: Readonly<Record<CanisterName, object>> = {
        token_icrc1: {
            Init: {
                peers,
                governance,
                profile,
                public: options.publicOwner && { owner: options.publicOwner, subaccount: [] },
                archive_options: options.archiveAbove && { trigger_threshold: options.archiveAbove }
            }
        },
        rewards: { peers, governance, profile, round_s: options.roundS, genesis_ns: options.genesisNs },
        state_machine: {
            peers,
            governance,
            profile,
            status_spacing_s: options.statusSpacingS,
            poc: pocFields(options),
            verification_period_s: options.verificationPeriodS
        },
        hub: {
            peers,
            governance,
            grace_s: options.windowGraceS,
            probe_min_s: options.probeMinS,
            probe_max_s: options.probeMaxS
        },
        compute_gateway: { peers, governance, limits: options.queueLimits }
    };
    return new Map(CANISTERS.map((name) => [name, encodeInit(name, fields[name])]));
}

function pocFields({ pocMode, pocSlotS, pocSpacingS, pocSpec }: SuiteOptions): object {
    return {
        mode: pocMode && { [pocMode]: null },
        slot_s: pocSlotS,
        spacing_s: pocSpacingS,
        spec: pocSpec && toSpecView(pocSpec)
    };
}

function optionalFields(ids: CanisterIds): Readonly<Record<string, unknown>> {
    return Object.fromEntries(CANISTERS.map((name) => [name, ids[name]]));
}

/** `(opt value)`, with every optional field that is not given filled in as absent. */
function encodeInit(name: CanisterName, value: object): Uint8Array {
    const types = INIT_TYPES[name]({ IDL });
    const [optional] = types;
    const inner = optional instanceof IDL.OptClass ? innerType(optional) : undefined;
    return new Uint8Array(IDL.encode(types, [[complete(inner, value)]]));
}

function innerType(optional: IDL.OptClass<unknown>): IDL.Type {
    return (optional as unknown as { readonly _type: IDL.Type })._type;
}

function complete(type: IDL.Type | undefined, value: unknown): unknown {
    if (type instanceof IDL.VariantClass && typeof value === 'object' && value !== null) {
        const [chosen, content] = Object.entries(value)[0] ?? ['', undefined];
        const field = fieldsOf(type).find(([name]) => name === chosen);
        return { [chosen]: complete(field?.[1], content) };
    }
    if (!(type instanceof IDL.RecordClass)) return value;
    const given = value as Readonly<Record<string, unknown>>;
    return Object.fromEntries(fieldsOf(type).map(([name, field]) => [name, optionalValue(field, given[name])]));
}

function optionalValue(type: IDL.Type, value: unknown): unknown {
    if (!(type instanceof IDL.OptClass) || Array.isArray(value)) return value;
    return value === undefined ? [] : [complete(innerType(type), value)];
}

function fieldsOf(type: IDL.RecordClass | IDL.VariantClass): readonly [string, IDL.Type][] {
    return (type as unknown as { readonly _fields: [string, IDL.Type][] })._fields;
}
