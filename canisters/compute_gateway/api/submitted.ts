import { err, ok, type Result } from '../../../src/core/result';
import { openRequest } from '../clients/hub';
import { isGateway } from '../domain/gateways';
import type { Job } from '../domain/job';
import { settleOpening, submit, type Submission, type SubmitError } from '../domain/submit';
import { deliverSoon } from '../jobs/deliver_outbox';
import { book, env, peers, tables } from '../wiring';

/** Writes the intent, asks the hub for the hold, and brings the answer in: nothing read before the call is used after it. */
export function submitted(submission: Submission): Promise<Result<Job, SubmitError>> {
    const isForOthers = submission.payer.kind === 'ApiKey';
    if (isForOthers && !isGateway(tables, submission.submitter)) return Promise.resolve(err({ kind: 'Unauthorized' }));
    const intent = submit(book, submission, env.nowNs());
    if (!intent.ok) return Promise.resolve(intent);
    if (intent.value.kind === 'Known') return Promise.resolve(ok(intent.value.job));
    const { request } = intent.value;
    return openRequest(peers, request).then((answer) => {
        const job = settleOpening(book, request, answer, env.nowNs());
        deliverSoon();
        return job;
    });
}
