import { once, type Benchmark } from '../lib/benchmark';
import { Crowd } from '../lib/crowd';

/** Nodes of the crowd; a window over ten thousand costs as much per node, because every step takes a page. */
const NODES = 300;
const RECORDS_PER_NODE = 10;

/** The hub closes windows with and without calls over the same nodes. */
const windows = once(async () => {
    const crowd = await Crowd.withNodes(NODES);
    const first = crowd.closeWindow(0);
    const empty = crowd.closeWindow(0);
    const full = crowd.closeWindow(NODES * RECORDS_PER_NODE);
    return { first, empty, full };
});

const unit = 'instructions';

export const windowBenchmarks: readonly Benchmark[] = [
    {
        name: 'window_per_node',
        unit,
        description: `hub.settle_window without calls over ${NODES} nodes that are rewarded for the first time, in all canisters, per node.`,
        runs: async () => [(await windows()).first.total / NODES]
    },
    {
        name: 'window_per_record',
        unit,
        description: `What ${RECORDS_PER_NODE} calls per node, each of another buyer, add to that, per call.`,
        runs: async () => {
            const { empty, full } = await windows();
            return [(full.total - empty.total) / (NODES * RECORDS_PER_NODE)];
        }
    },
    {
        name: 'window_largest_message',
        unit,
        description: 'The largest message of those windows.',
        runs: async () => Object.values(await windows()).map(({ largest }) => largest)
    }
];
