import { once, type Benchmark } from '../lib/benchmark';
import { Crowd } from '../lib/crowd';
import { crowdNodes } from '../lib/size';

const NODES = crowdNodes();
const RECORDS_PER_NODE = 10;
/** A tenth of the crowd costs as much per node and per record: the whole is linear. */
const TENTH = Math.max(NODES / 10, 100);

/** The hub closes windows with and without calls over the same nodes. */
async function closeWindows(nodes: number) {
    const crowd = await Crowd.withNodes(nodes);
    const first = crowd.closeWindow(0);
    const empty = crowd.closeWindow(0);
    const full = crowd.closeWindow(nodes * RECORDS_PER_NODE);
    return {
        perNode: first.total / nodes,
        perRecord: (full.total - empty.total) / (nodes * RECORDS_PER_NODE),
        largest: [first, empty, full].map(({ largest }) => largest)
    };
}

const all = once(() => closeWindows(NODES));
const tenth = once(() => closeWindows(TENTH));

const unit = 'instructions';

export const windowBenchmarks: readonly Benchmark[] = [
    {
        name: 'window_per_node',
        unit,
        description: `hub.settle_window without calls over ${NODES} nodes that are rewarded for the first time, in all canisters, per node.`,
        runs: async () => [(await all()).perNode]
    },
    {
        name: 'window_per_record',
        unit,
        description: `What ${RECORDS_PER_NODE} calls per node, each of another buyer and one of them cancelled, add to that, per call: ${NODES * RECORDS_PER_NODE} records with receipts, made by the hub's own methods.`,
        runs: async () => [(await all()).perRecord]
    },
    {
        name: 'window_largest_message',
        unit,
        description: 'The largest message of those windows.',
        runs: async () => (await all()).largest
    },
    {
        name: 'window_per_node_of_a_tenth',
        unit,
        description: `window_per_node over ${TENTH} nodes.`,
        runs: async () => [(await tenth()).perNode]
    },
    {
        name: 'window_per_record_of_a_tenth',
        unit,
        description: `window_per_record over ${TENTH} nodes and ${TENTH * RECORDS_PER_NODE} records.`,
        runs: async () => [(await tenth()).perRecord]
    }
];
