import type { CertifiedHead, CommittedRange } from '../../core/consensus/state_hash';
import type { PocOutcome, StateItem, TradesSettled, WindowCounts } from '../../core/consensus/state_item';
import type { Refused } from '../ports';

/** The next reference of each kind that a state may record. */
export interface NextRefs {
    readonly pocResults: bigint;
    readonly taskDigests: bigint;
    readonly trades: bigint;
}

/** A proposal, or a final state, as far as a voter needs it. */
export interface ProposalInfo {
    readonly height: bigint;
    readonly round: number;
    readonly hash: Uint8Array;
    readonly parentHash: Uint8Array;
    readonly itemCount: number;
    readonly hasMyVote: boolean;
    /** When it became final; undefined before. */
    readonly finalMs: number | undefined;
}

/** Whose turn it is, and for what. */
export interface TurnInfo {
    readonly height: bigint;
    readonly round: number;
    readonly isMine: boolean;
    readonly parentHash: Uint8Array;
    readonly lastFinalMs: number | undefined;
    readonly nextRefs: NextRefs;
    /** Decided proofs of computing so far. */
    readonly pocResults: bigint;
    readonly proposal: ProposalInfo | undefined;
}

export interface Draft {
    readonly height: bigint;
    readonly round: number;
    readonly parentHash: Uint8Array;
    readonly items: readonly StateItem[];
}

export interface CommitmentInfo extends CommittedRange {
    readonly index: bigint;
    readonly isOpen: boolean;
    readonly hasMyVerdict: boolean;
}

/** What the agent asks of the state machine for the agreement. Network failures throw. */
export interface AgreementPort {
    /** The head with the network's certificate verified against the root key; undefined when that fails. */
    verifiedHead(): Promise<CertifiedHead | undefined>;
    turn(): Promise<TurnInfo | undefined>;
    items(height: bigint): Promise<readonly StateItem[]>;
    /** Final states from a height on, in order; at most 100. */
    states(from: bigint, take: bigint): Promise<readonly ProposalInfo[]>;
    /** Decided proofs by their reference. */
    pocOutcomes(start: bigint, take: bigint): Promise<readonly PocOutcome[]>;
    propose(draft: Draft): Promise<Refused | undefined>;
    vote(proposal: ProposalInfo, yes: boolean): Promise<Refused | undefined>;
    /** Position of the agent among the validators, and their number. */
    place(): Promise<{ readonly position: number; readonly members: number } | undefined>;
    /** The last commitments, and the first height behind them. */
    recentCommitments(): Promise<{ readonly commitments: readonly CommitmentInfo[]; readonly nextFrom: bigint }>;
    submit(range: CommittedRange): Promise<Refused | undefined>;
    /** Verifies witness and certificate of a state; the commitment that they lead to, or why they prove nothing. */
    verifyState(height: bigint): Promise<StateVerdict>;
    attestCommitment(index: bigint, ok: boolean): Promise<Refused | undefined>;
}

export type StateVerdict =
    | { readonly kind: 'proven'; readonly stateHash: Uint8Array }
    /** The network could not be asked, or clocks differ: no verdict. */
    | { readonly kind: 'unknown'; readonly code: string }
    | { readonly kind: 'disproved'; readonly code: string };

/** What the other canisters recorded; undefined as long as it may change, or when nobody told the agent whom to ask. */
export interface RecordsPort {
    /** A settled window of the hub. */
    windowCounts(window: bigint): Promise<WindowCounts | undefined>;
    /** The window that is open. */
    currentWindow(): Promise<bigint | undefined>;
    /** The trades of a settled round. */
    tradesSettled(round: bigint): Promise<TradesSettled | undefined>;
}
