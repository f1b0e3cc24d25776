import { errorText } from '../client/error_text';
import { sleep } from '../client/wait';
import { computeProduct } from '../core/poc/product';
import type { Log, OpenPoc, Registry } from './ports';

/** Answers the open challenges one after the other; each once per run, whatever comes of it. */
export class Prover {
    private readonly answered = new Set<bigint>();

    constructor(
        private readonly registry: Registry,
        private readonly log: Log
    ) {}

    async run(intervalMs: number, signal: AbortSignal): Promise<void> {
        while (!signal.aborted) {
            await this.answerAll();
            await sleep(intervalMs, signal);
        }
    }

    async answerAll(): Promise<void> {
        try {
            const open = await this.registry.listOpenPocs();
            const ids = new Set(open.map(({ id }) => id));
            for (const id of this.answered) if (!ids.has(id)) this.answered.delete(id);
            for (const poc of open) if (!this.answered.has(poc.id)) await this.answer(poc);
        } catch (failure) {
            this.log.warn({ error: errorText(failure) }, 'poc_failed');
        }
    }

    /** The canister measures from acceptance to submission, so nothing comes between them but the task. */
    private async answer(poc: OpenPoc): Promise<void> {
        const accepted = poc.nodeSeed === undefined ? await this.registry.acceptPoc(poc.id) : undefined;
        if (accepted?.ok === false) {
            this.answered.add(poc.id);
            this.log.warn({ poc_id: `${poc.id}`, code: accepted.error.code }, 'poc_not_accepted');
            return;
        }
        const { dimension, seed, nodeSeed } = accepted?.value ?? poc;
        if (nodeSeed === undefined) return;
        const submitted = await this.registry.submitPoc(poc.id, computeProduct({ dimension, seed, nodeSeed }));
        this.answered.add(poc.id);
        this.log.info(
            { poc_id: `${poc.id}`, outcome: submitted.ok ? 'submitted' : submitted.error.code },
            'poc_answered'
        );
    }
}
