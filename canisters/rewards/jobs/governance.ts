import type { Principal } from '@dfinity/principal';
import { ok, type Result } from '../../../src/core/result';
import { callGoverned } from '../clients/governed';
import type { ExecuteError } from '../domain/errors';
import { endExecution, execute, finalize, giveUpExecution, takeDueProposal } from '../domain/governance/execution';
import { authority, env, peers, state } from '../wiring';

/** Proposals that one run of the timer looks at. */
const RUN_PROPOSALS = 5;

/** Executes a passed proposal, its call included. */
export async function executeProposal(id: bigint, caller: Principal): Promise<Result<bigint, ExecuteError>> {
    const execution = execute(state, id, caller, authority(), env.nowNs());
    if (!execution.ok) return execution;
    const step = execution.value;
    if (step.kind === 'set_peer') peers.merge({ [step.canister]: step.id });
    if (step.kind === 'call') endExecution(state, id, await callGoverned(step.call), env.nowNs());
    return ok(id);
}

/** Decides votes that are over and executes what has passed. */
export async function runProposals(): Promise<void> {
    for (let run = 0; run < RUN_PROPOSALS; run++) {
        const id = takeDueProposal(state, env.nowNs());
        if (id === undefined) return;
        await runProposal(id);
    }
}

async function runProposal(id: bigint): Promise<void> {
    const kind = state.proposals.get(id)?.state.kind;
    if (kind === 'open') finalize(state, id, env.self(), env.nowNs());
    else if (kind === 'executing') giveUpExecution(state, id, env.nowNs());
    else if (kind === 'passed') await executeProposal(id, env.self());
}
