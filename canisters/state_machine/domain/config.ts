import { NS_PER_S } from '../../../src/core/clock';
import { DEFAULT_PROFILE, profileById } from '../../../src/core/tokenomics/profiles';

/** Parameters of a deployment; every rule reads them here. */
export interface StateMachineConfig {
    /** A node is online for so long after its last report (S0: 30 minutes). */
    readonly onlineWindowS: bigint;
    /** Least time between two reports of a node. */
    readonly statusSpacingS: bigint;
    /** A node takes part in rewards while its last consensus is no older. */
    readonly verificationPeriodS: bigint;
    /** Time of a proposer in round 0, doubled with every round (B.3.2). */
    readonly roundTimeoutS: bigint;
    /** Rounds no longer than `roundTimeoutS · 2^roundDoublings`. */
    readonly roundDoublings: number;
    /** Without taking part for so long, a staked node loses a deduction (C.1.1). */
    readonly validatorWindowS: bigint;
    readonly routerWindowS: bigint;
    readonly computeWindowS: bigint;
    /** Time to vote on an impeachment. */
    readonly impeachmentS: bigint;
    /** Time of the validators to respond to a key leak (S2: two hours). */
    readonly keyLeakS: bigint;
    /** Between two rounds of asking rewards for the stakes of all nodes. */
    readonly stakeSyncS: bigint;
    /** Tokenomics profile that names the stakes of the classes. */
    readonly profile: string;
}

/** What holds where the init argument is silent; the numbers are those of domain.md C.1 and C.1.1. */
export const DEFAULT_CONFIG: StateMachineConfig = {
    onlineWindowS: 1_800n,
    statusSpacingS: 60n,
    verificationPeriodS: 7_200n,
    roundTimeoutS: 10n,
    roundDoublings: 5,
    validatorWindowS: 3_600n,
    routerWindowS: 600n,
    computeWindowS: 3_600n,
    impeachmentS: 7n * 86_400n,
    keyLeakS: 7_200n,
    stakeSyncS: 600n,
    profile: DEFAULT_PROFILE.id
};

/** The init argument asks for what cannot work; `field` names it. The installation fails. */
export class InvalidConfig extends Error {
    constructor(readonly field: keyof StateMachineConfig) {
        super(`init argument ${field} is out of range`);
        this.name = 'InvalidConfig';
    }
}

const LONGEST_S = 365n * 86_400n;
/** 2^20 times ten seconds are four months: more would only delay a bad setting's discovery. */
const MAX_DOUBLINGS = 20;

/** Fills the defaults in. @throws {@link InvalidConfig} */
export function makeConfig(given: Partial<StateMachineConfig>): StateMachineConfig {
    const named = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
    const config: StateMachineConfig = { ...DEFAULT_CONFIG, ...named };
    requireSeconds(config, 'onlineWindowS', 1n);
    requireSeconds(config, 'statusSpacingS', 0n);
    requireSeconds(config, 'verificationPeriodS', 1n);
    requireSeconds(config, 'roundTimeoutS', 1n);
    requireSeconds(config, 'validatorWindowS', 1n);
    requireSeconds(config, 'routerWindowS', 1n);
    requireSeconds(config, 'computeWindowS', 1n);
    requireSeconds(config, 'impeachmentS', 1n);
    requireSeconds(config, 'keyLeakS', 1n);
    requireSeconds(config, 'stakeSyncS', 1n);
    if (config.roundDoublings > MAX_DOUBLINGS) throw new InvalidConfig('roundDoublings');
    if (profileById(config.profile) === undefined) throw new InvalidConfig('profile');
    return config;
}

type SecondsField = Exclude<keyof StateMachineConfig, 'roundDoublings' | 'profile'>;

function requireSeconds(config: StateMachineConfig, field: SecondsField, least: bigint): void {
    if (config[field] < least || config[field] > LONGEST_S) throw new InvalidConfig(field);
}

/** Seconds of a duration, rounded up: what a refused caller has to wait. */
export function secondsUp(durationNs: bigint): bigint {
    return (durationNs + NS_PER_S - 1n) / NS_PER_S;
}
