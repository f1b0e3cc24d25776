import { once, type Benchmark } from '../lib/benchmark';
import { DutyCrowd, nodeOf, type SweepCost } from '../lib/duty_crowd';
import { accepted } from '../lib/answers';
import { repeat } from '../lib/repeat';
import { crowdNodes } from '../lib/size';

const NODES = crowdNodes();
/** Six hours of states, one every four minutes. */
const STATES = 90;
const STATE_SPACING_S = 240;
const HOUR_S = 3_600;
const STATUS = { queue_depth: 1, capacity: 4, apps: ['embed'], version: '0.1.0' };

/** The last moment before windows end that the next tick still sees them end. */
const BEFORE_END_S = 25;

/** What an hour's sweep over all nodes cost: all of them there, all silent, all silent while the network stood still. */
const sweeps = once(async () => {
    const crowd = await DutyCrowd.withNodes(NODES);
    const through = (): boolean => !crowd.isDue();
    crowd.waitUntil(crowd.nowS() + HOUR_S - BEFORE_END_S);
    crowd.agree(STATES, STATE_SPACING_S);
    const lastSeenS = crowd.nowS();
    crowd.appear();
    const present = crowd.sweep(through);
    crowd.waitUntil(lastSeenS + HOUR_S - BEFORE_END_S);
    crowd.agree(10, STATE_SPACING_S);
    const silent = crowd.sweep(through);
    const charged = crowd.slashes().decided;
    crowd.waitUntil(lastSeenS + 2 * HOUR_S - BEFORE_END_S);
    const outage = crowd.sweep(through);
    const inOutage = crowd.slashes().decided - charged;
    if (charged !== NODES || inOutage !== 0) throw new WrongDeductions(charged, inOutage);
    return { crowd, costs: [present, silent, outage] };
});

/** The crowd did not fall silent as it should have: the figures would mean nothing. */
class WrongDeductions extends Error {
    constructor(
        readonly charged: number,
        readonly inOutage: number
    ) {
        super(`${charged} deductions of silent nodes, ${inOutage} during the outage`);
        this.name = 'WrongDeductions';
    }
}

const deliveries = once(async (): Promise<SweepCost> => {
    const crowd = await DutyCrowd.withNodes(NODES, true);
    crowd.decideAll();
    return crowd.sweep(() => crowd.slashes().pending === 0);
});

/** Reports in the midst of that crowd. */
async function reports(): Promise<readonly number[]> {
    const { crowd } = await sweeps();
    return repeat((run) => {
        const node = crowd.as(nodeOf((run * 6_661) % NODES));
        return crowd.instructionsOf(() => node.report_status(STATUS));
    });
}

/** As much as a report may say. */
const LONGEST_STATUS = {
    ...STATUS,
    apps: Array.from({ length: 32 }, (_, i) => String(i).padStart(16, 'app-')),
    version: '0.1.0'.padEnd(64)
};

/** The reports that do most, one of each kind. */
async function dearReports(): Promise<readonly number[]> {
    const { crowd } = await sweeps();
    const cost = (index: number, status = STATUS): number => {
        const node = crowd.as(nodeOf(index));
        return crowd.instructionsOf(() => accepted(node.report_status(status)));
    };
    crowd.upgrade();
    const firstAfterUpgrade = cost(2);
    crowd.lapse(3);
    const backFromSilence = cost(3);
    crowd.addNewcomer(NODES + 1);
    const firstOfNewcomer = cost(NODES + 1);
    return [firstAfterUpgrade, backFromSilence, firstOfNewcomer, cost(4, LONGEST_STATUS)];
}

const unit = 'instructions';

export const dutyBenchmarks: readonly Benchmark[] = [
    {
        name: 'status_report',
        unit,
        description: `state_machine.report_status of a compute node, one of ${NODES}.`,
        runs: reports
    },
    {
        name: 'status_report_dearest',
        unit,
        description: `The reports that do most, one of each among ${NODES} nodes: the first after an upgrade, a staked router's that was silent, the first of a newcomer with a wallet, one that says as much as a report may.`,
        runs: dearReports
    },
    {
        name: 'duty_sweep_per_node',
        unit,
        description: `A look at a staked node at the end of its window, ${NODES} of them at once: present, silent (charged), silent while nothing became final (not charged).`,
        runs: async () => (await sweeps()).costs.map(({ total }) => total / NODES)
    },
    {
        name: 'duty_sweep_largest_message',
        unit,
        description: 'The largest message of those sweeps.',
        runs: async () => (await sweeps()).costs.map(({ largest }) => largest)
    },
    {
        name: 'slash_delivery',
        unit,
        description: `A deduction on its way to rewards and back, ${NODES} of them at once, rewards' part included.`,
        runs: async () => [(await deliveries()).total / NODES]
    },
    {
        name: 'slash_delivery_largest_message',
        unit,
        description: 'The largest message of those deliveries.',
        runs: async () => [(await deliveries()).largest]
    }
];
