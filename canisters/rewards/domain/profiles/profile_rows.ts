/** Versions of the token economy: the shipped profile from the start, and what proposals have put in its place. */
import type { Log } from '../../../../src/core/table';
import type { TokenomicsProfile } from '../../../../src/core/tokenomics/profile';

/** A version of the token economy: immutable once stored. */
export interface ProfileVersionRow {
    /** First epoch in which it is in force. */
    readonly fromEpoch: bigint;
    readonly profile: TokenomicsProfile;
    /** Absent for the one that was shipped. */
    readonly proposal?: bigint;
}

/** Table of versions. */
export interface ProfileTables {
    /** By rising first epoch. */
    readonly profiles: Log<ProfileVersionRow>;
}
