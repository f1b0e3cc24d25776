import { accepted } from '../lib/answers';
import { once, type Benchmark } from '../lib/benchmark';
import { APP, NODE, openMarket, USER } from '../lib/market';
import { repeat } from '../lib/repeat';

const market = once(openMarket);
/** Request ids that no job will reach. */
const FIRST_REQUEST = 1_000_000_000n;

/** Instructions of the hub's part alone, called in the gateway's name. */
const requests = once(async () => {
    const suite = await market();
    const hub = suite.as('hub', suite.ids.compute_gateway);
    return repeat((run) => {
        const request_id = FIRST_REQUEST + BigInt(run);
        const order = { request_id, payer: { Principal: USER }, app_id: APP, max_credits: 10n };
        const opened = suite.instructionsOf(() => accepted(hub.c2c_open_request(order)));
        const result = {
            request_id,
            node: [NODE] as [typeof NODE],
            credits_used: 10n,
            receipt_hash: [new Uint8Array(32).fill(run + 1)] as [Uint8Array]
        };
        const closing = () => accepted(hub.c2c_record_result({ ...result, status: { Success: null } }));
        return { opened, recorded: suite.instructionsOf(closing) };
    });
});

const unit = 'instructions';

export const marketBenchmarks: readonly Benchmark[] = [
    {
        name: 'open_request',
        unit,
        description: 'hub.c2c_open_request alone: the hold of a job.',
        runs: async () => (await requests()).map(({ opened }) => opened)
    },
    {
        name: 'record_result',
        unit,
        description: 'hub.c2c_record_result alone: the record and the capture of a job.',
        runs: async () => (await requests()).map(({ recorded }) => recorded)
    }
];
