/** `/instances/<n>/update/…` and live mode: what drives the network. */
import { equalBytes, toHex } from '../wire/bytes';
import type { Blobs } from './blobs';
import { toBase64, type Body, type Json } from './json';
import { readBlockMakers } from './block_makers';
import { agreedAnswer, readOutcallAnswers } from './outcall_answers';
import { downloadSnapshot, uploadSnapshot, type SnapshotPlace } from './snapshot_files';
import { canisterNotFound, statusJson, type InstanceRoute } from './read_routes';
import { errorAnswer, jsonAnswer, rejectionJson } from './rest_answer';
import { readCall } from './unsigned_call';

/** Rounds after which the real server gives a call up. */
const maxAwaitRounds = 100;

/** `blobs`: what was uploaded to the server's blob store. */
export function updateRoutes(blobs: Blobs): Readonly<Record<string, InstanceRoute>> {
    return {
        'POST /update/set_stable_memory': async ({ network }, body) => {
            const bytes = blobs.content(toHex(body.bytes('blob_id')));
            if (bytes === undefined) {
                return errorAnswer(400, 'BlobNotFound');
            }
            const canisterId = body.bytes('canister_id');
            return (await network.api.setStableMemory(canisterId, bytes))
                ? jsonAnswer({})
                : canisterNotFound(canisterId);
        },
        ...messageRoutes,
        ...clockRoutes,
        ...outsideRoutes,
        ...snapshotRoutes
    };
}

const messageRoutes: Readonly<Record<string, InstanceRoute>> = {
    'POST /update/submit_ingress_message': async ({ network }, body) => {
        const call = readCall(network.identity.subnets, body);
        if ('refusal' in call) return errorAnswer(400, call.refusal);
        const outcome = await network.api.submitUnsigned(call);
        if (outcome.kind === 'rejected') {
            return jsonAnswer(rejectionJson(outcome.rejection, false));
        }
        const message_id = toBase64(outcome.requestId);
        return jsonAnswer({ Ok: { effective_principal: principalJson(body), message_id } });
    },

    'POST /update/await_ingress_message': async ({ network }, body) => {
        const status = await network.api.awaitIngress(body.bytes('message_id'), maxAwaitRounds);
        const answer = statusJson(status);
        return answer === null
            ? errorAnswer(400, `The call did not end within ${maxAwaitRounds} rounds`)
            : jsonAnswer(answer);
    }
};

const clockRoutes: Readonly<Record<string, InstanceRoute>> = {
    'POST /update/tick': async ({ network }, body) => {
        const makers = readBlockMakers(network.identity.subnets, body);
        if ('refusal' in makers) return errorAnswer(400, makers.refusal);
        await network.api.tick(makers);
        return jsonAnswer({});
    },

    'POST /update/set_time': async ({ network }, body) => {
        const done = await network.api.setTime(body.nat('nanos_since_epoch'));
        return done ? jsonAnswer({}) : intoPast(await network.api.time(), body.nat('nanos_since_epoch'));
    },

    'POST /update/set_certified_time': async ({ network }, body) => {
        const done = await network.api.setCertifiedTime(body.nat('nanos_since_epoch'));
        return done ? jsonAnswer({}) : intoPast(await network.api.time(), body.nat('nanos_since_epoch'));
    },

    'POST /auto_progress': async ({ network }, body) => {
        const delay = body.get('artificial_delay_ms');
        const started = await network.api.startLive(delay === undefined ? 0 : Number(body.nat('artificial_delay_ms')));
        return started ? jsonAnswer({}) : errorAnswer(400, 'Auto progress mode has already been enabled.');
    },

    'GET /auto_progress': async ({ network }) => jsonAnswer(await network.api.isLive()),

    'POST /stop_progress': async ({ network }) => {
        await network.api.stopLive();
        return jsonAnswer({});
    }
};

const outsideRoutes: Readonly<Record<string, InstanceRoute>> = {
    'POST /update/add_cycles': async ({ network }, body) => {
        const canisterId = body.bytes('canister_id');
        const cycles = await network.api.addCycles(canisterId, body.nat('amount'));
        return cycles === undefined ? canisterNotFound(canisterId) : jsonAnswer({ cycles });
    },

    'POST /update/mock_canister_http': async ({ network: { api, identity } }, body) => {
        const id = body.nat('request_id');
        const outcall = (await api.httpOutcalls()).find((waiting) => waiting.id === id);
        if (outcall === undefined) return errorAnswer(400, `InvalidCanisterHttpRequestId(${id})`);
        const answers = readOutcallAnswers(body);
        const { subnetId } = await api.place(outcall.canisterId);
        const nodes = identity.subnets.find((subnet) => equalBytes(subnet.subnetId, subnetId))?.size ?? 1;
        if (answers.length > 1 && answers.length !== nodes) {
            return errorAnswer(400, `InvalidMockCanisterHttpResponses((${answers.length}, ${nodes}))`);
        }
        await api.answerHttpOutcall(id, agreedAnswer(outcall, answers));
        return jsonAnswer({});
    }
};

const snapshotRoutes: Readonly<Record<string, InstanceRoute>> = {
    'POST /update/canister_snapshot_download': async ({ network }, body) => {
        await downloadSnapshot(network.api, snapshotPlace(body), body.bytes('snapshot_id'));
        return jsonAnswer({});
    },

    'POST /update/canister_snapshot_upload': async ({ network }, body) => {
        const isReplacing = body.get('replace_snapshot') !== undefined;
        const replaced = isReplacing ? body.wrappedBytes('replace_snapshot', 'snapshot_id') : undefined;
        const snapshotId = await uploadSnapshot(network.api, snapshotPlace(body), replaced);
        return jsonAnswer({ snapshot_id: toBase64(snapshotId) });
    }
};

function snapshotPlace(body: Body): SnapshotPlace {
    return {
        sender: body.wrappedBytes('sender', 'principal_id'),
        canisterId: body.wrappedBytes('canister_id', 'canister_id'),
        folder: body.text('snapshot_dir')
    };
}

function intoPast(nowNs: bigint, wantedNs: bigint): ReturnType<typeof errorAnswer> {
    return errorAnswer(400, `SettingTimeIntoPast((${nowNs}, ${wantedNs}))`);
}

/** The effective principal goes back to the client as it came. */
function principalJson(body: Body): Json {
    const principal = body.get('effective_principal');
    if (principal === undefined || principal === 'None') {
        return 'None';
    }
    const target = body.object('effective_principal');
    const kind = target.get('SubnetId') === undefined ? 'CanisterId' : 'SubnetId';
    return { [kind]: target.text(kind) };
}
