import { IDL } from 'azle';
import type { Capacity, Requirements } from '../domain/requirements';

type Opt<T> = [] | [T];

/**
 * Least E in units of 10^-8, and the region that nodes must be in; empty: anywhere. Least video memory in MiB and the quantisation of the
 * weights, where the app asks for them: of those nodes are taken at their word.
 */
export const CandidRequirements = IDL.Record({
    min_e_e8: IDL.Nat64,
    region: IDL.Text,
    min_vram_mib: IDL.Opt(IDL.Nat64),
    quantization: IDL.Opt(IDL.Text)
});
export interface CandidRequirements {
    min_e_e8: bigint;
    region: string;
    min_vram_mib: Opt<bigint>;
    quantization: Opt<string>;
}

/** What a node says of itself: the video memory of all its devices in MiB, and how it runs the apps of its offer. */
export const CandidCapacity = IDL.Record({
    vram_mib: IDL.Nat64,
    quantizations: IDL.Vec(IDL.Record({ app_id: IDL.Text, quantization: IDL.Text }))
});
export interface CandidCapacity {
    vram_mib: bigint;
    quantizations: { app_id: string; quantization: string }[];
}

export function fromCandidRequirements(given: CandidRequirements): Requirements {
    const { min_e_e8, region, min_vram_mib, quantization } = given;
    return { minE: min_e_e8, region, minVramMib: min_vram_mib[0] ?? 0n, quantization: quantization[0] ?? '' };
}

export function toCandidRequirements({ minE, region, minVramMib, quantization }: Requirements): CandidRequirements {
    return {
        min_e_e8: minE,
        region,
        min_vram_mib: minVramMib === 0n ? [] : [minVramMib],
        quantization: quantization === '' ? [] : [quantization]
    };
}

export function fromCandidCapacity({ vram_mib, quantizations }: CandidCapacity): Capacity {
    return {
        vramMib: vram_mib,
        quantizations: quantizations.map(({ app_id, quantization }) => ({ appId: app_id, quantization }))
    };
}

export function toCandidCapacity({ vramMib, quantizations }: Capacity): CandidCapacity {
    return {
        vram_mib: vramMib,
        quantizations: quantizations.map(({ appId, quantization }) => ({ app_id: appId, quantization }))
    };
}
