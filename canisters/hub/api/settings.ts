import { IDL } from 'azle';
import { query, SERVED_WHILE_PAUSED, update } from '../../../src/azle/endpoint';
import { ok } from '../../../src/core/result';
import { changed, type HubConfig } from '../domain/config';
import { hub } from '../wiring';
import { governance } from './access';
import type { CandidResultOf } from './idl';
import { resultOf, type Opt } from './idl_errors';
import { fromOpt, never, toResult } from './mappers';

const SETTINGS = {
    grace_s: IDL.Nat64,
    max_keys_per_owner: IDL.Nat64,
    allow_self_trade: IDL.Bool,
    probe_min_s: IDL.Nat64,
    probe_max_s: IDL.Nat64,
    online_window_s: IDL.Nat64
};
const Settings = IDL.Record({ ...SETTINGS, credit_price_e8s: IDL.Nat });
const Change = IDL.Record(
    Object.fromEntries(Object.entries(SETTINGS).map(([name, type]) => [name, IDL.Opt<unknown>(type)]))
);
const ChangeResult = resultOf(Settings, 'Unauthorized', 'InvalidArgument');

interface CandidSettings {
    credit_price_e8s: bigint;
    grace_s: bigint;
    max_keys_per_owner: bigint;
    allow_self_trade: boolean;
    probe_min_s: bigint;
    probe_max_s: bigint;
    online_window_s: bigint;
}

interface CandidChange {
    grace_s: Opt<bigint>;
    max_keys_per_owner: Opt<bigint>;
    allow_self_trade: Opt<boolean>;
    probe_min_s: Opt<bigint>;
    probe_max_s: Opt<bigint>;
    online_window_s: Opt<bigint>;
}

/** What may be changed while the hub runs. */
export class SettingsDesk {
    /**
     * Role: governance or a controller. What is given replaces what is stored, from the next close, key, purchase and
     * planned probe on; probes that are planned keep their time.
     */
    @update([Change], ChangeResult, SERVED_WHILE_PAUSED)
    change_settings(change: CandidChange): CandidResultOf<CandidSettings> {
        const allowed = governance();
        if (!allowed.ok) return toResult(allowed, never);
        const { config } = hub.tables;
        const next = changed(config.get(), fromChange(change));
        if (!next.ok) return toResult(next, never);
        config.set(next.value);
        return toResult(ok(next.value), toSettings);
    }

    @query([], Settings)
    get_settings(): CandidSettings {
        return toSettings(hub.tables.config.get());
    }
}

function fromChange(change: CandidChange) {
    return {
        graceS: fromOpt(change.grace_s),
        maxKeysPerOwner: fromOpt(change.max_keys_per_owner),
        allowsSelfTrade: fromOpt(change.allow_self_trade),
        probeMinS: fromOpt(change.probe_min_s),
        probeMaxS: fromOpt(change.probe_max_s),
        onlineWindowS: fromOpt(change.online_window_s)
    };
}

function toSettings(config: HubConfig): CandidSettings {
    return {
        credit_price_e8s: config.creditPriceE8s,
        grace_s: config.graceS,
        max_keys_per_owner: config.maxKeysPerOwner,
        allow_self_trade: config.allowsSelfTrade,
        probe_min_s: config.probeMinS,
        probe_max_s: config.probeMaxS,
        online_window_s: config.onlineWindowS
    };
}
