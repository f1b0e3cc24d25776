import { formatAmount } from '../../core/amount';
import { NS_PER_MS } from '../../core/clock';
import { toJson } from '../start/outcome';
import { findNode, openNode, type NodeOptions, type NodeView } from './home';
import type { Party } from '../party';
import type { Print } from '../print';
import { formatE } from './stake';

export interface StatusOptions extends NodeOptions {
    /** One line of JSON instead of a table. */
    readonly json?: boolean;
}

type Status = Awaited<ReturnType<typeof gather>>;

/** Prints what the network knows of the node, and what to do next. */
export async function printStatus(options: StatusOptions, print: Print): Promise<void> {
    const { node } = await openNode(options);
    const view = await findNode(node);
    if (view === undefined) {
        if (options.json) return print(toJson({ node: node.principal.toText(), registered: false }));
        print(`Node ${node.principal.toText()} is not registered.`);
        return print('Next: emc node register');
    }
    const status = await gather(node, view);
    if (options.json) return print(toJson(status));
    for (const [label, text] of rowsOf(status)) print(`${label.padEnd(14)} ${text}`);
    print(`Next: ${nextStep(status)}`);
}

async function gather({ canisters, principal }: Party, view: NodeView) {
    const { state_machine: stateMachine, compute_gateway: gateway, rewards } = canisters;
    const [wallet] = view.wallet;
    const [attachment, leases, probes, [stake], unbound, balance] = await Promise.all([
        gateway.get_attachment(principal),
        gateway.my_leases(0n),
        stateMachine.get_open_poc(principal),
        rewards.get_stake_details(principal),
        rewards.get_unbound_balance(principal),
        wallet === undefined ? undefined : rewards.get_reward_balance(wallet)
    ]);
    const attached = 'Ok' in attachment ? attachment.Ok : undefined;
    return {
        node: principal.toText(),
        registered: true,
        class: nameOf(view.class),
        state: nameOf(view.status),
        online: view.online,
        region: view.region,
        version: view.version,
        wallet: wallet?.owner.toText(),
        e_value_e8: view.e_value_e8,
        last_status_ns: view.last_status_ns,
        last_probe_ns: view.last_poc_ns,
        open_probes: probes.length,
        apps: attached?.apps ?? [],
        apps_withheld: attached?.withheld ?? [],
        vram_mib: attached?.capacity[0]?.vram_mib ?? 0n,
        slots: attached?.slots ?? 0,
        leases: leases.map(({ job_id, app_id, attempt, deadline_ns }) => ({ job_id, app_id, attempt, deadline_ns })),
        stake: stake && {
            state: nameOf(stake.status),
            initial_e8s: stake.stake.initial_e8s,
            remaining_e8s: stake.stake.remaining_e8s,
            slashed_e8s: stake.slashed_e8s,
            end_ns: stake.stake.end_ns
        },
        rewards_available_e8s: balance?.available_e8s ?? 0n,
        rewards_in_claims_e8s: balance?.in_claims_e8s ?? 0n,
        rewards_unbound_e8s: unbound
    };
}

function rowsOf(status: Status): readonly (readonly [string, string])[] {
    return [
        ['Node', status.node],
        ['Registry', `${status.state}, ${status.class}, ${status.online ? 'online' : 'offline'}, ${status.region}`],
        ['Last report', timeOf(status.last_status_ns)],
        ['Wallet', status.wallet ?? 'none'],
        ['E', formatE(status.e_value_e8)],
        ['Probes', `${status.open_probes} open, the last one passed: ${timeOf(status.last_probe_ns)}`],
        ['Apps', status.apps.length === 0 ? 'none attached' : `${status.apps.join(', ')} (${status.slots} slots)`],
        ...(status.apps_withheld.length > 0 ? [['Withheld', withheldOf(status)] as const] : []),
        ['Leases', leasesOf(status)],
        ['Stake', stakeOf(status)],
        ['Rewards', `${emc(status.rewards_available_e8s)} to claim, ${emc(status.rewards_in_claims_e8s)} in claims`],
        ...(status.rewards_unbound_e8s > 0n ? [['Unbound', emc(status.rewards_unbound_e8s)] as const] : [])
    ];
}

function stakeOf({ stake }: Status): string {
    if (stake === undefined) return 'none';
    const lost = stake.slashed_e8s > 0n ? ` (${emc(stake.slashed_e8s)} slashed)` : '';
    return `${emc(stake.remaining_e8s)}${lost}, ${stake.state}, until ${timeOf(stake.end_ns)}`;
}

function withheldOf({ apps_withheld: withheld }: Status): string {
    return `${withheld.join(', ')}: they ask for more than the node has now`;
}

function leasesOf({ leases }: Status): string {
    if (leases.length === 0) return 'none';
    return leases.map(({ job_id, attempt }) => `job ${job_id} (attempt ${attempt})`).join(', ');
}

function nextStep({ wallet, online, state, stake, rewards_available_e8s: available }: Status): string {
    if (state === 'Removed' || state === 'Unregistered') return 'nothing: this node has left the network';
    if (wallet === undefined) return 'emc node bind --wallet FILE';
    if (!online) return 'emc node run';
    if (state !== 'Active') return 'keep it running: validators challenge it until it is Active';
    if (stake === undefined) return 'emc node stake --wallet FILE   (more weight in every round)';
    return available > 0n ? 'emc node claim --wallet FILE' : 'keep it running';
}

function emc(amountE8s: bigint): string {
    return `${formatAmount(amountE8s)} EMC`;
}

function timeOf(atNs: bigint): string {
    return atNs === 0n ? 'never' : new Date(Number(atNs / NS_PER_MS)).toISOString();
}

function nameOf(variant: object): string {
    return Object.keys(variant)[0] ?? '';
}
