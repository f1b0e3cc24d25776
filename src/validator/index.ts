import { Principal } from '@dfinity/principal';
import { pino } from 'pino';
import { connectAgent } from '../client/agent';
import { canisterActor } from '../client/canisters';
import { loadOrCreateIdentity } from '../client/key_file';
import { canisterState } from './adapters/canister_state';
import { httpApi } from './adapters/http_api';
import { systemClock } from './adapters/system_clock';
import { runDuties } from './agent';
import type { ValidatorConfig } from './config';
import type { Log } from './ports';

export { parseValidatorConfig, type ValidatorConfig } from './config';

/**
 * Runs a validator agent until the signal aborts. Rejects only when it cannot begin (bad key file, no network); after
 * that failures are logged and tried again.
 */
export async function runValidator(
    config: ValidatorConfig,
    signal: AbortSignal,
    log: Log = pino({ name: 'validator' })
): Promise<void> {
    const identity = await loadOrCreateIdentity(config.keyFile);
    const agent = await connectAgent(config, identity);
    const canisterId = Principal.fromText(config.canisterIds.state_machine);
    const own = { principal: identity.getPrincipal(), publicKey: new Uint8Array(identity.getPublicKey().toDer()) };
    const state = canisterState(canisterActor('state_machine', agent, canisterId), own);
    const api = httpApi({ gatewayUrl: config.gatewayUrl, apiKey: config.apiKey, model: config.probeModel });
    log.info({ principal: own.principal.toText(), host: config.host }, 'validator started');
    await runDuties({ state, api, clock: systemClock, log }, config, signal);
}
