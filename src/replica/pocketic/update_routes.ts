/** `/instances/<n>/update/…` and live mode: what drives the network. */
import type { HttpOutcallAnswer } from '../state/api';
import type { SubnetIdentity } from '../subnets';
import { equalBytes, toHex } from '../wire/bytes';
import type { UnsignedCall } from '../worker/api';
import type { Blobs } from './blobs';
import { Body, InvalidBodyError, toBase64, type Json } from './json';
import { canisterNotFound, statusJson, type InstanceRoute } from './read_routes';
import { errorAnswer, jsonAnswer, rejectionJson } from './rest_answer';

/** Rounds after which the real server gives a call up. */
const maxAwaitRounds = 100;

/** `blobs`: what was uploaded to the server's blob store. */
export function updateRoutes(blobs: Blobs): Readonly<Record<string, InstanceRoute>> {
    return {
        'POST /update/set_stable_memory': async ({ network }, body) => {
            const bytes = blobs.get(toHex(body.bytes('blob_id')));
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
        ...outsideRoutes
    };
}

const messageRoutes: Readonly<Record<string, InstanceRoute>> = {
    'POST /update/submit_ingress_message': async ({ network }, body) => {
        const call = readCall(network.identity.subnets, body);
        if (call === undefined) {
            return errorAnswer(400, 'SubnetNotFound');
        }
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
    'POST /update/tick': async ({ network }) => {
        await network.api.tick();
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
        await network.api.startLive(delay === undefined ? 0 : Number(body.nat('artificial_delay_ms')));
        return jsonAnswer({});
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

    'POST /update/mock_canister_http': async ({ network }, body) => {
        const known = await network.api.answerHttpOutcall(
            body.nat('request_id'),
            readOutcallAnswer(body.object('response'))
        );
        return known ? jsonAnswer({}) : errorAnswer(400, 'InvalidMockCanisterHttpResponses: no such request');
    }
};

function intoPast(nowNs: bigint, wantedNs: bigint): ReturnType<typeof errorAnswer> {
    return errorAnswer(400, `SettingTimeIntoPast((${nowNs}, ${wantedNs}))`);
}

/** Undefined when the call is for a subnet that the network does not have. */
function readCall(subnets: readonly SubnetIdentity[], body: Body): UnsignedCall | undefined {
    const effective = readEffective(subnets, body);
    if (effective === 'no such subnet') {
        return undefined;
    }
    return {
        sender: body.bytes('sender'),
        canisterId: body.bytes('canister_id'),
        ...(effective === undefined ? {} : { effectiveCanisterId: effective }),
        methodName: body.text('method'),
        argument: body.bytes('payload')
    };
}

/** A canister of the subnet stands for the subnet. */
function readEffective(subnets: readonly SubnetIdentity[], body: Body): Uint8Array | undefined | 'no such subnet' {
    const principal = body.get('effective_principal');
    if (principal === 'None' || principal === undefined) {
        return undefined;
    }
    const target = body.object('effective_principal');
    if (target.get('SubnetId') === undefined) {
        return target.get('CanisterId') === undefined ? undefined : target.bytes('CanisterId');
    }
    const subnetId = target.bytes('SubnetId');
    return subnets.find((subnet) => equalBytes(subnet.subnetId, subnetId))?.anyCanisterId ?? 'no such subnet';
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

function readOutcallAnswer(response: Body): HttpOutcallAnswer {
    const reply = response.optionalObject('CanisterHttpReply');
    if (reply !== undefined) {
        return {
            kind: 'reply',
            status: Number(reply.nat('status')),
            headers: reply.array('headers').map(readHeader),
            body: reply.bytes('body')
        };
    }
    const reject = response.optionalObject('CanisterHttpReject');
    if (reject === undefined) {
        throw new InvalidBodyError('response is neither CanisterHttpReply nor CanisterHttpReject');
    }
    return { kind: 'reject', rejectCode: Number(reject.nat('reject_code')), message: reject.text('message') };
}

function readHeader(value: unknown): readonly [string, string] {
    const header = new Body(value, 'header');
    return [header.text('name'), header.text('value')];
}
