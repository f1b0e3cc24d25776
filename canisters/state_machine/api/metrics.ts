import type { Metric } from '../../../src/azle/http';
import {
    agreement,
    cases,
    challenges,
    commitments,
    holds,
    newcomers,
    outbox,
    registry,
    slashes,
    tables,
    validators
} from '../wiring';

/** What `/metrics` tells; every figure is a stored counter or a table's size. */
export function stateMetrics(): readonly Metric[] {
    return [
        gauge('emc_state_nodes', 'Nodes that were ever Active or staked', registry.count()),
        gauge('emc_state_newcomers', 'Nodes that registered and were neither yet', newcomers.count()),
        gauge('emc_state_validators', 'Members of the validator set', validators.members().length),
        gauge('emc_state_quorum', 'Votes that make a decision final', validators.quorum()),
        counter('emc_state_pocs_total', 'Proofs of computing requested', challenges.book.count()),
        counter('emc_state_poc_results_total', 'Proofs of computing decided', tables.pocResults.length()),
        gauge('emc_state_pocs_open', 'Proofs of computing that are not final', challenges.book.open.size()),
        gauge('emc_state_pocs_owed', 'Proofs of computing that wait for the canister', tables.challengeDraws.size()),
        gauge(
            'emc_state_poc_suspended',
            'Whether the validators have suspended EMC-PoC-1',
            challenges.suspension.isSuspended() ? 1 : 0
        ),
        gauge(
            'emc_state_poc_pause_votes',
            'Validators that stand for a suspension of EMC-PoC-1',
            challenges.suspension.votes().length
        ),
        counter(
            'emc_state_poc_false_verdicts_total',
            'Votes of validators that the canister found wrong',
            challenges.falseVerdicts.count()
        ),
        gauge('emc_state_height', 'States that are final', agreement.length()),
        gauge('emc_state_commitments', 'Commitments of final states', commitments.count()),
        gauge('emc_state_evidence', 'Contradictions of validators that were seen', agreement.evidence.count()),
        gauge('emc_state_cases', 'Cases that were filed', cases.count()),
        gauge('emc_state_slashes', 'Deductions that were decided', slashes.count()),
        gauge('emc_state_slashes_pending', 'Deductions that rewards has not executed', slashes.pending()),
        gauge('emc_state_holds_pending', 'Cases whose hold of a stake rewards has not acknowledged', holds.pending()),
        gauge('emc_state_facts_pending', 'Node facts that rewards has not acknowledged', outbox.pending())
    ];
}

function gauge(name: string, help: string, value: bigint | number): Metric {
    return { name, help, kind: 'gauge', value };
}

function counter(name: string, help: string, value: bigint): Metric {
    return { name, help, kind: 'counter', value };
}
