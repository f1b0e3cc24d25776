import { IDL } from 'azle';

/** Least E in units of 10^-8, and the region that nodes must be in; empty: anywhere. */
export const CandidRequirements = IDL.Record({ min_e_e8: IDL.Nat64, region: IDL.Text });
export interface CandidRequirements {
    min_e_e8: bigint;
    region: string;
}
