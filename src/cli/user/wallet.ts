import { existsSync } from 'node:fs';
import { loadIdentity } from '../../client/key_file';
import type { _SERVICE as HubService, ApiKeyView } from '../../declarations/hub';
import { CommandFailed } from '../command_failed';
import { readDeployment, type Deployment } from '../deployment_file';
import { partyOf, type Party } from '../party';

/** What every `emc user` command is told. */
export interface UserOptions {
    /** PEM file of the wallet that buys compute. */
    readonly wallet: string;
    /** File that says where the suite runs. */
    readonly deployment: string;
}

/** The wallet as its key file tells it. @throws `BadKeyFile` and `CommandFailed` */
export async function openWallet(options: UserOptions): Promise<{ deployment: Deployment; user: Party }> {
    const deployment = await readDeployment(options.deployment);
    if (!existsSync(options.wallet)) {
        throw new CommandFailed(`${options.wallet}: no such key`, [
            `openssl genpkey -algorithm ed25519 -out ${options.wallet}   makes one.`
        ]);
    }
    return { deployment, user: await partyOf(deployment, await loadIdentity(options.wallet)) };
}

const PAGE = 100n;

/** All API keys of the caller, oldest first, revoked ones among them. */
export async function keysOf(hub: HubService): Promise<readonly ApiKeyView[]> {
    const keys: ApiKeyView[] = [];
    for (;;) {
        const page = await hub.list_api_keys(BigInt(keys.length), PAGE);
        keys.push(...page);
        if (page.length === 0) return keys;
    }
}

export function isLive({ revoked_at_ns }: ApiKeyView): boolean {
    return revoked_at_ns.length === 0;
}
