import { Counter, Gauge, Registry } from 'prom-client';

/** What the agent counts; Prometheus names begin with `emc_validator_`. */
export interface Metrics {
    setHeight(height: bigint): void;
    /** `code` is the refusal, absent when the canister took it. */
    countProposal(code: string | undefined): void;
    countVote(yes: boolean, code: string | undefined): void;
    countCommitment(code: string | undefined): void;
    countAttestation(verdict: string, code: string | undefined): void;
    countProof(ok: boolean, code: string | undefined): void;
    countProbe(outcome: string): void;
    countFailure(duty: string): void;
    /** Prometheus text format. */
    text(): Promise<string>;
    readonly contentType: string;
}

const TAKEN = 'ok';
const verdictOf = (yes: boolean): string => (yes ? 'yes' : 'no');

/** Counters of one agent, in a registry of its own so that several agents may run in one process. */
export function prometheusMetrics(): Metrics {
    const registry = new Registry();
    const registers = [registry];
    const counter = <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
        new Counter({ name: `emc_validator_${name}_total`, help, labelNames, registers });
    const height = new Gauge({ name: 'emc_validator_height', help: 'States that are final', registers });
    const proposals = counter('proposals', 'States proposed, by what the canister answered', 'result');
    const votes = counter('votes', 'Votes on states, by what the canister answered', 'verdict', 'result');
    const commitments = counter('commitments', 'Commitments submitted, by what the canister answered', 'result');
    const attestations = counter('attestations', 'Verdicts on commitments', 'verdict', 'result');
    const proofs = counter('proofs', 'Verdicts on proofs of computing', 'verdict', 'result');
    const probes = counter('probes', 'Probes sent, by how they ended', 'outcome');
    const failures = counter('failures', 'Runs of a duty that failed', 'duty');
    return {
        setHeight: (value) => height.set(Number(value)),
        countProposal: (result = TAKEN) => proposals.inc({ result }),
        countVote: (yes, result = TAKEN) => votes.inc({ verdict: verdictOf(yes), result }),
        countCommitment: (result = TAKEN) => commitments.inc({ result }),
        countAttestation: (verdict, result = TAKEN) => attestations.inc({ verdict, result }),
        countProof: (ok, result = TAKEN) => proofs.inc({ verdict: verdictOf(ok), result }),
        countProbe: (outcome) => probes.inc({ outcome }),
        countFailure: (duty) => failures.inc({ duty }),
        text: () => registry.metrics(),
        contentType: registry.contentType
    };
}
