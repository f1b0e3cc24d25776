import { Dice } from './domain/dice';
import { Lease } from './domain/lease';
import { OnlineNodes } from './domain/online_nodes';
import { ProbePlan } from './domain/probe_plan';
import { Probes } from './domain/probes';
import type { Requests } from './domain/requests';
import { PlanProbes, type ProbePeers } from './jobs/plan_probes';
import type { HubTables } from './storage';

/** The parts that plan probes and take their results. */
export function assembleProbing(
    { probing, config }: HubTables,
    peers: ProbePeers,
    requests: Requests,
    nowNs: () => bigint
) {
    const onlineNodes = new OnlineNodes(probing.online);
    const dice = new Dice(probing.dice);
    const probePlan = new ProbePlan(probing.plan, onlineNodes, dice);
    const probes = new Probes(probing.results, probePlan, requests);
    const probeLease = new Lease(probing.leaseUntilNs);
    const planProbes = new PlanProbes({
        plan: probePlan,
        probes,
        nodes: onlineNodes,
        dice,
        lease: probeLease,
        progress: probing.progress,
        peers,
        config,
        nowNs
    });
    return { onlineNodes, probePlan, probes, probeLease, planProbes };
}
