import { once, type Benchmark } from '../lib/benchmark';
import { emptyCanister, NO_ARGUMENTS } from '../lib/empty_canister';
import { LocalNetwork } from '../lib/local_network';
import { repeat } from '../lib/repeat';

/** The first call to a new canister costs more than all others: it is made here. */
const installed = once(async () => {
    const network = new LocalNetwork();
    const canister = network.create();
    network.install(canister, await emptyCanister(), NO_ARGUMENTS);
    const call = { to: canister, argument: NO_ARGUMENTS, from: network.deployer };
    network.update({ ...call, method: 'update_nothing' });
    return { network, call };
});

export const emptyBenchmarks: readonly Benchmark[] = [
    {
        name: 'empty_update',
        unit: 'instructions',
        description:
            'An update call without argument and answer to a canister that does nothing, through the decorators of src/azle.',
        runs: async () => {
            const { network, call } = await installed();
            return repeat(() => network.instructionsOf(() => network.update({ ...call, method: 'update_nothing' })));
        }
    },
    {
        name: 'empty_query',
        unit: 'instructions',
        description: 'The same as a query.',
        runs: async () => {
            const { network, call } = await installed();
            return repeat(() => network.instructionsOf(() => network.query({ ...call, method: 'query_nothing' })));
        }
    }
];
