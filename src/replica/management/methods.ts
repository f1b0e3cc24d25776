/** The management canister's methods by name. */
import { bitcoinMethods } from './bitcoin';
import type { Method } from './call';
import { clearChunkStore, storedChunks, uploadChunk } from './chunks';
import { createCanister, depositCycles, provisionalCreateCanister, provisionalTopUpCanister } from './create';
import { httpRequest } from './http';
import { installChunkedCode, installCode } from './install';
import { deleteCanister, startCanister, stopCanister, uninstallCode } from './lifecycle';
import { rawRand } from './randomness';
import { updateSettings } from './settings';
import { canisterMetrics, listCanisters } from './metrics';
import { readData, readMetadata, uploadData, uploadMetadata } from './snapshot_data';
import { deleteSnapshot, listSnapshots, loadSnapshot, takeSnapshot } from './snapshots';
import { signingMethods } from './signing';
import { nodeMetricsHistory, subnetInfo } from './subnet';
import { canisterInfo, canisterMetadata, canisterStatus, fetchCanisterLogs } from './status';

/** All methods of `aaaaa-aa`, by name. */
export const managementMethods: ReadonlyMap<string, Method> = new Map<string, Method>([
    ['create_canister', createCanister],
    ['provisional_create_canister_with_cycles', provisionalCreateCanister],
    ['provisional_top_up_canister', provisionalTopUpCanister],
    ['deposit_cycles', depositCycles],
    ['update_settings', updateSettings],
    ['install_code', installCode],
    ['install_chunked_code', installChunkedCode],
    ['upload_chunk', uploadChunk],
    ['clear_chunk_store', clearChunkStore],
    ['stored_chunks', storedChunks],
    ['uninstall_code', uninstallCode],
    ['start_canister', startCanister],
    ['stop_canister', stopCanister],
    ['delete_canister', deleteCanister],
    ['canister_status', canisterStatus],
    ['canister_info', canisterInfo],
    ['canister_metadata', canisterMetadata],
    ['fetch_canister_logs', fetchCanisterLogs],
    ['take_canister_snapshot', takeSnapshot],
    ['load_canister_snapshot', loadSnapshot],
    ['list_canister_snapshots', listSnapshots],
    ['delete_canister_snapshot', deleteSnapshot],
    ['read_canister_snapshot_metadata', readMetadata],
    ['read_canister_snapshot_data', readData],
    ['upload_canister_snapshot_metadata', uploadMetadata],
    ['upload_canister_snapshot_data', uploadData],
    ['canister_metrics', canisterMetrics],
    ['list_canisters', listCanisters],
    ['raw_rand', rawRand],
    ['http_request', httpRequest],
    ['subnet_info', subnetInfo],
    ['node_metrics_history', nodeMetricsHistory],
    ...signingMethods,
    ...bitcoinMethods
]);
