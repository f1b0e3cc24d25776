/** What the network tells about a canister: status, history, metadata, logs. */
import type { Canister } from '../state/canister';
import type { Network } from '../state/network';
import type { LogRecord } from '../state/logs';
import type { Change, ChangeDetails, ChangeOrigin } from '../state/history';
import { memoryBytes, memoryMetrics } from '../state/canister';
import { notController } from '../state/failures';
import { idText, sameId } from '../state/principals';
import { mayView } from '../state/settings';
import { idleBurnPerDay } from '../cycles/account';
import { controlled, done, existing, failed, method } from './call';
import type { Decoded } from '../candid/codecs';
import { toCandidSettings } from './settings';
import {
    canisterArgument,
    infoArgument,
    infoResult,
    logsArgument,
    logsResult,
    metadataArgument,
    metadataResult,
    statusResult,
    type change,
    type LogFilter
} from './types';

/** `canister_status`: controllers, viewers by the settings, the canister itself; also a query. */
export const canisterStatus = method({
    ingress: 'viewers',
    query: true,
    argument: canisterArgument,
    result: statusResult,
    target: (argument) => argument.canister_id,
    run: (call, { canister_id }) => {
        const found = existing(call.network, canister_id);
        if (!found.ok) return failed(found.error);
        const { canister } = found;
        const { statusVisibility, controllers } = canister.settings;
        const visible = sameId(call.caller, canister.id) || mayView(statusVisibility, controllers, call.caller);
        return visible ? done(statusOf(call.network, canister)) : failed(notController(canister, call.caller));
    }
});

function statusOf(network: Network, canister: Canister): Decoded<typeof statusResult> {
    const metrics = memoryMetrics(canister);
    return {
        status: { kind: canister.status.kind, value: null },
        ready_for_migration: canister.status.kind === 'stopped' && canister.contexts.size === 0,
        version: canister.version,
        settings: toCandidSettings(canister.settings),
        module_hash: canister.module?.code.hash,
        memory_size: memoryBytes(canister),
        memory_metrics: {
            wasm_memory_size: metrics.heap,
            stable_memory_size: metrics.stable,
            global_memory_size: 0n,
            wasm_binary_size: metrics.module,
            custom_sections_size: metrics.customSections,
            canister_history_size: metrics.history,
            wasm_chunk_store_size: metrics.chunks,
            snapshots_size: metrics.snapshots,
            log_memory_store_size: metrics.logs
        },
        cycles: canister.balance,
        // Storage is reserved only on subnets fuller than this one ever is.
        reserved_cycles: 0n,
        idle_cycles_burned_per_day: idleBurnPerDay(network, canister),
        query_stats: queryStats(canister)
    };
}

function queryStats({ queryStatistics }: Canister): Decoded<typeof statusResult>['query_stats'] {
    return {
        num_calls_total: queryStatistics.calls,
        num_instructions_total: queryStatistics.instructions,
        request_payload_bytes_total: queryStatistics.requestBytes,
        response_payload_bytes_total: queryStatistics.responseBytes
    };
}

type CandidChange = Decoded<typeof change>;

function toCandidOrigin(origin: ChangeOrigin): CandidChange['origin'] {
    if (origin.kind === 'user') return { kind: 'from_user', value: { user_id: origin.userId } };
    const { canisterId, canisterVersion } = origin;
    return { kind: 'from_canister', value: { canister_id: canisterId, canister_version: canisterVersion } };
}

function toCandidDetails(details: ChangeDetails): CandidChange['details'] {
    switch (details.kind) {
        case 'creation':
        case 'controllers_change':
            return { kind: details.kind, value: { controllers: details.controllers } };
        case 'code_uninstall':
            return { kind: details.kind, value: null };
        case 'code_deployment':
            const mode = { kind: details.mode, value: null } as const;
            return { kind: details.kind, value: { mode, module_hash: details.moduleHash } };
        case 'load_snapshot':
            const { canisterVersion, snapshotId, takenAtNs } = details;
            const value = {
                canister_version: canisterVersion,
                snapshot_id: snapshotId,
                taken_at_timestamp: takenAtNs
            };
            return { kind: details.kind, value };
    }
}

function toCandidChange({ timestampNs, canisterVersion, origin, details }: Change): CandidChange {
    return {
        timestamp_nanos: timestampNs,
        canister_version: canisterVersion,
        origin: toCandidOrigin(origin),
        details: toCandidDetails(details)
    };
}

/** `canister_info`: canisters. */
export const canisterInfo = method({
    ingress: 'never',
    argument: infoArgument,
    result: infoResult,
    run: (call, { canister_id, num_requested_changes }) => {
        const found = existing(call.network, canister_id);
        if (!found.ok) return failed(found.error);
        const { history, module, settings } = found.canister;
        return done({
            total_num_changes: history.total,
            recent_changes: history.recent(Number(num_requested_changes ?? 0n)).map(toCandidChange),
            module_hash: module?.code.hash,
            controllers: settings.controllers
        });
    }
});

/** `canister_metadata`: canisters; private sections for controllers. */
export const canisterMetadata = method({
    ingress: 'never',
    argument: metadataArgument,
    result: metadataResult,
    run: (call, { canister_id, name }) => {
        const found = existing(call.network, canister_id);
        if (!found.ok) return failed(found.error);
        const { canister } = found;
        const section = canister.module?.metadata.find((candidate) => candidate.name === name);
        const permitted = section?.visibility === 'public' || controlled(call, canister_id).ok;
        if (section !== undefined && permitted) return done({ value: section.content });
        const message = `The canister ${canister.text} has no metadata section named ${name} that the caller may read.`;
        return failed({ code: 'CanisterRejectedMessage', message });
    }
});

/** `fetch_canister_logs`: a query, for viewers by the settings (IC0406). */
export const fetchCanisterLogs = method({
    ingress: 'never',
    query: true,
    argument: logsArgument,
    result: logsResult,
    target: (argument) => argument.canister_id,
    run: (call, { canister_id, filter }) => {
        const found = existing(call.network, canister_id);
        if (!found.ok) return failed(found.error);
        const { log, settings } = found.canister;
        if (!mayView(settings.logVisibility, settings.controllers, call.caller)) {
            const message = `Caller ${idText(call.caller)} is not allowed to access canister logs`;
            return failed({ code: 'CanisterRejectedMessage', message });
        }
        const records = log.list().filter((entry) => passes(entry, filter));
        return done({
            canister_log_records: records.map(({ idx, timestampNs, content }) => {
                return { idx, timestamp_nanos: timestampNs, content };
            })
        });
    }
});

function passes({ idx, timestampNs }: LogRecord, filter: LogFilter): boolean {
    if (filter === undefined) return true;
    const { start, end } = filter.value;
    const key = filter.kind === 'by_idx' ? idx : timestampNs;
    return start <= key && key < end;
}
