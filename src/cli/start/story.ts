import { toHex } from '../../core/bytes';
import { formatAmount, minAmount } from '../../core/amount';
import { startNetwork, type RunningNetwork } from '../../replica';
import { Agents } from './agents';
import type { Checklist } from './checklist';
import { buyCredits, createApiKey, requestEmbedding } from './customer';
import { fundWallets } from './funding';
import { COMPUTE_NODES, loadKeys, VALIDATORS, type Keys } from './keys';
import { deployLocalSuite, prepareModules, type LocalSuite } from './local_suite';
import { LOCAL_SPEC } from './local_spec';
import { EMBEDDING_MODEL, registerApp } from './market';
import { expectOk, PATIENCE_SECONDS } from './outcome';
import type { StartOptions } from './options';
import { admitValidators, registerAll, stakeAll, waitUntilActive } from './registry';
import { awaitSettlement, claimRewards, ledgerBalance, rewardBalance } from './settlement';
import type { Running, Summary } from './summary';
import { deploymentFile } from './afterword';
import { writeDeployment } from '../deployment_file';

const SENTENCE = 'The Internet Computer keeps the books of a market for AI compute.';
const USER_CREDITS = 5_000n;
/** A probe costs ten: enough for days. */
const VALIDATOR_CREDITS = 100_000n;
/** A day of rounds of ten seconds makes ten times as many blocks. */
const ARCHIVE_ABOVE = 2_000n;

/** Everything that the story started, newest last; closing goes backwards. */
export class Cleanup {
    private readonly closers: (() => Promise<void>)[] = [];

    add(close: () => Promise<void>): void {
        this.closers.push(close);
    }

    async run(): Promise<void> {
        for (const close of this.closers.splice(0).reverse()) await close();
    }
}

/** Tells the whole story, from an empty network to a claimed reward. */
export async function tellStory(
    options: StartOptions,
    list: Checklist,
    cleanup: Cleanup
): Promise<{ summary: Summary; running: Running }> {
    const startedAt = Date.now();
    const keys = await loadKeys(options.keyFolder);
    const { suite, network, networkReadyMs } = await bringUp(options, list, cleanup, keys, startedAt);
    await populate(list, suite, keys);
    const agents = new Agents(suite, network, keys, options, cleanup);
    const apiKey = await openForBusiness(list, suite, keys, agents);
    const story = await liveThroughARound(options, list, suite, keys, agents.gatewayUrl, apiKey);
    return {
        summary: { network_ready_ms: networkReadyMs, ...story },
        running: {
            suite,
            keys,
            apiKey,
            networkUrl: network.url,
            gatewayUrl: agents.gatewayUrl,
            rootKey: toHex(network.rootKey)
        }
    };
}

interface BroughtUp {
    readonly suite: LocalSuite;
    readonly network: RunningNetwork;
    readonly networkReadyMs: number;
}

async function bringUp(
    options: StartOptions,
    list: Checklist,
    cleanup: Cleanup,
    keys: Keys,
    startedAt: number
): Promise<BroughtUp> {
    const modules = await list.step('Canisters built', async (note) => {
        const done = await prepareModules();
        const all = [...done.canisters, done.archive];
        note(`${all.filter((build) => build.fresh).length} of ${all.length} anew`);
        return done;
    });
    const networkStartedAt = Date.now();
    const network = await list.step('Network answers', async (note) => {
        const started = await startNetwork({ port: options.port });
        cleanup.add(() => started.close());
        note(started.url);
        return started;
    });
    const networkReadyMs = Date.now() - networkStartedAt;
    const access = { host: network.url, rootKeyHex: toHex(network.rootKey) };
    const suite = await list.step('Five canisters deployed', async (note) => {
        const deployed = await deployLocalSuite(access, keys.deployer, modules, {
            publicOwner: keys.deployer.getPrincipal(),
            roundS: BigInt(options.roundSeconds),
            windowGraceS: 1n,
            statusSpacingS: 1n,
            pocSpacingS: 1n,
            pocSpec: LOCAL_SPEC,
            probeMinS: 20n,
            probeMaxS: 60n,
            archiveAbove: ARCHIVE_ABOVE
        });
        await writeDeployment(deploymentFile(options), deployed);
        note(`${((Date.now() - startedAt) / 1000).toFixed(1)} s since the start`);
        return deployed;
    });
    return { suite, network, networkReadyMs };
}

async function populate(list: Checklist, suite: LocalSuite, keys: Keys): Promise<void> {
    await list.step('Supply minted, wallets funded', async (note) => {
        const given = await fundWallets(suite, keys);
        const supply = await (await suite.ledger(keys.deployer)).totalTokensSupply({ certified: true });
        note(`${formatAmount(given)} of ${formatAmount(supply)} EMC`);
    });
    await list.step('4 validators, 1 router, 2 nodes registered', async () => registerAll(suite, keys));
    await list.step('Stakes placed', async () => stakeAll(suite, keys));
    await list.step('Validator set admitted', async (note) => {
        const quorum = await admitValidators(suite, keys);
        note(`${VALIDATORS.length} validators, quorum ${quorum}`);
    });
}

/** Starts the off-chain agents and sells the first credits; answers the user's API key. */
async function openForBusiness(list: Checklist, suite: LocalSuite, keys: Keys, agents: Agents): Promise<string> {
    await list.step('Gateway answers', async (note) => {
        await registerApp(suite, keys);
        await agents.startGateway();
        note(agents.gatewayUrl);
    });
    const apiKey = await list.step('Credits bought, API keys made', async (note) => {
        const available = await buyCredits(suite, keys.user, USER_CREDITS);
        for (const name of VALIDATORS) await buyCredits(suite, keys[name], VALIDATOR_CREDITS);
        note(`${available} credits`);
        return createApiKey(suite, keys.user, 'local user');
    });
    await list.step('Nodes proved their computing', async (note) => {
        await agents.startNodes();
        await agents.startValidators();
        const values = await Promise.all(
            COMPUTE_NODES.map((name) => waitUntilActive(suite, keys, keys[name].getPrincipal(), PATIENCE_SECONDS))
        );
        note(`E ${values.map((value) => formatAmount(value)).join(', ')}`);
    });
    return apiKey;
}

async function liveThroughARound(
    options: StartOptions,
    list: Checklist,
    suite: LocalSuite,
    keys: Keys,
    gatewayUrl: string,
    apiKey: string
): Promise<Omit<Summary, 'network_ready_ms'>> {
    const answer = await list.step('Paid AI job completed', async (note) => {
        const embedding = await requestEmbedding(gatewayUrl, apiKey, EMBEDDING_MODEL, SENTENCE);
        note(`job ${embedding.jobId}, ${embedding.dimensions} dimensions`);
        return embedding;
    });
    const { compute_gateway: gateway } = await suite.as(keys.user);
    const job = expectOk('get_job', await gateway.get_job(answer.jobId));
    const settlement = await list.step('Round settled', async (note) => {
        const settled = await awaitSettlement(
            suite,
            keys.user,
            answer.jobId,
            4 * options.roundSeconds + PATIENCE_SECONDS
        );
        note(`round ${settled.round}, ${formatAmount(settled.pool_e8s)} EMC in ${settled.shares} shares`);
        return settled;
    });
    const claim = await list.step('Reward claimed', async (note) => {
        const owner = keys.provider.getPrincipal();
        const before = await ledgerBalance(suite, keys, owner);
        const earned = await rewardBalance(suite, keys.provider);
        const payment = await claimRewards(suite, keys.provider, PATIENCE_SECONDS);
        const received = (await ledgerBalance(suite, keys, owner)) - before;
        note(`${formatAmount(minAmount(earned, received))} EMC in block ${payment.blockIndex}`);
        return { ...payment, received };
    });
    const ledger = await suite.ledger(keys.deployer);
    return {
        job: {
            id: job.job_id,
            status: Object.keys(job.state)[0] ?? '',
            credits: job.credits_used,
            dimensions: answer.dimensions
        },
        settlement: { round: settlement.round, pool_e8s: settlement.pool_e8s, shares: settlement.shares },
        claim: { paid_e8s: claim.paidE8s, block_index: claim.blockIndex },
        total_supply_e8s: await ledger.totalTokensSupply({ certified: true })
    };
}
