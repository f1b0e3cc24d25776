import { after } from '../../../src/azle/timers';
import { createCanister, installStored } from '../../../src/azle/management';
import { NS_PER_S } from '../../../src/core/clock';
import { archiveInit, sendBlocks } from '../clients/archive';
import type { ArchiveStep } from '../domain/archiving';
import { archiving, env } from '../wiring';

/** Waits after failures double from the first to the last. */
const FIRST_WAIT_S = 5;
const LAST_WAIT_S = 3_600;
/** A step whose message trapped never ends: after that long the next one begins all the same. */
const LOST_AFTER_NS = 2n * BigInt(LAST_WAIT_S) * NS_PER_S;

let armedAtNs: bigint | undefined;
let failures = 0;
let problem = '';

/** Why archiving makes no progress, or cannot begin; empty when it does. */
export function archiveProblem(): { readonly failures: number; readonly problem: string } {
    return { failures, problem: problem === '' ? (archiving.missing() ?? '') : problem };
}

/** Lets blocks move to archives if there are too many. Called after blocks were hashed, and after upgrades. */
export function archiveLater(): void {
    if (!archiving.isDue()) return;
    const nowNs = env.nowNs();
    if (armedAtNs !== undefined && nowNs - armedAtNs < LOST_AFTER_NS) return;
    armedAtNs = nowNs;
    after(failures === 0 ? 0 : Math.min(FIRST_WAIT_S * 2 ** (failures - 1), LAST_WAIT_S), archiveNow);
}

async function archiveNow(): Promise<void> {
    const step = archiving.next();
    problem = step === undefined ? '' : await perform(step);
    failures = problem === '' ? 0 : failures + 1;
    armedAtNs = undefined;
    archiveLater();
}

/** Does a step and books its outcome; answers what went wrong. */
async function perform(step: ArchiveStep): Promise<string> {
    switch (step.kind) {
        case 'create': {
            const created = await createCanister([env.self(), ...step.controllers], step.cycles);
            if (!created.ok) return created.error;
            archiving.created(created.value);
            return '';
        }
        case 'install': {
            const arg = archiveInit(env.self(), step);
            const installed = await installStored(env.self(), step.canister, step.module, arg);
            if (!installed.ok) return installed.error.message;
            archiving.installed(step.canister, step.start);
            return '';
        }
        case 'append': {
            const answer = await sendBlocks(step);
            if (archiving.appended(step, answer)) return '';
            return answer.kind === 'refused' ? answer.reason : 'the archive confirmed what it cannot have';
        }
    }
}
