/** `/instances/<n>/read/…`: nothing here changes the network. */
import type { HttpAnswer } from '../http/http_server';
import { equalBytes } from '../wire/bytes';
import type { IngressStatus } from '../state/api';
import type { Instance } from './instances';
import { toBase64, type Body, type Json } from './json';
import { errorAnswer, jsonAnswer, rejectionJson } from './rest_answer';
import { readCall } from './unsigned_call';
import { idText } from '../state/principals';

/** Answers one route of an instance. */
export type InstanceRoute = (instance: Instance, body: Body) => Promise<HttpAnswer>;

/** By method and path. */
export const readRoutes: Readonly<Record<string, InstanceRoute>> = {
    'GET /read/get_time': async ({ network }) => jsonAnswer({ nanos_since_epoch: await network.api.time() }),

    'GET /read/get_canister_http': async ({ network }) => {
        const outcalls = await network.api.httpOutcalls();
        const places = await Promise.all(outcalls.map(({ canisterId }) => network.api.place(canisterId)));
        return jsonAnswer(
            outcalls.map((outcall, i) => ({
                subnet_id: { subnet_id: toBase64(places[i]?.subnetId ?? network.identity.subnetId) },
                request_id: outcall.id,
                http_method: outcall.method,
                url: outcall.url,
                headers: outcall.headers.map(([name, value]) => ({ name, value })),
                body: toBase64(outcall.body),
                max_response_bytes: outcall.maxResponseBytes
            }))
        );
    },

    'POST /read/pub_key': async ({ network }, body) => {
        const subnetId = body.bytes('subnet_id');
        const subnet = network.identity.subnets.find((candidate) => equalBytes(candidate.subnetId, subnetId));
        return subnet === undefined ? errorAnswer(400, 'SubnetNotFound') : jsonAnswer([...subnet.publicKeyDer]);
    },

    'POST /read/get_controllers': async ({ network }, body) => {
        const canisterId = body.bytes('canister_id');
        const controllers = await network.api.controllers(canisterId);
        return controllers === undefined
            ? canisterNotFound(canisterId)
            : jsonAnswer(controllers.map((controller) => ({ principal_id: toBase64(controller) })));
    },

    'POST /read/get_subnet': async ({ network }, body) => {
        const { exists, subnetId } = await network.api.place(body.bytes('canister_id'));
        return jsonAnswer(exists ? { subnet_id: toBase64(subnetId) } : null);
    },

    'POST /read/get_cycles': async ({ network }, body) => {
        const canisterId = body.bytes('canister_id');
        const cycles = await network.api.cycles(canisterId);
        return cycles === undefined ? canisterNotFound(canisterId) : jsonAnswer({ cycles });
    },

    'POST /read/get_stable_memory': async ({ network }, body) => {
        const canisterId = body.bytes('canister_id');
        const bytes = await network.api.stableMemory(canisterId);
        return bytes === undefined ? canisterNotFound(canisterId) : jsonAnswer({ blob: toBase64(bytes) });
    },

    'POST /read/query': async ({ network }, body) => {
        const call = readCall(network.identity.subnets, body);
        if ('refusal' in call) return errorAnswer(400, call.refusal);
        const result = await network.api.queryUnsigned(call);
        return jsonAnswer(
            result.kind === 'replied' ? { Ok: toBase64(result.data) } : rejectionJson(result.rejection, false)
        );
    },

    'POST /read/ingress_status': async ({ network }, body) => {
        const messageId = body.object('raw_message_id').bytes('message_id');
        const json = statusJson((await network.api.ingressStatus(messageId)) ?? { kind: 'unknown' });
        // Whose message it was is a secret only once there is something to keep.
        if (json === null) return jsonAnswer(null);
        const caller =
            body.get('raw_caller') === undefined ? undefined : body.wrappedBytes('raw_caller', 'principal_id');
        const mayKnow = (await network.api.ingressStatus(messageId, caller)) !== undefined;
        return mayKnow
            ? jsonAnswer(json)
            : errorAnswer(403, 'The user tries to access Request ID not signed by the caller.');
    }
};

/** Null while the message is on its way. */
export function statusJson(status: IngressStatus): Json {
    switch (status.kind) {
        case 'replied':
            return { Ok: toBase64(status.data) };
        case 'rejected':
            return rejectionJson(status.rejection, true);
        case 'unknown':
        case 'received':
        case 'processing':
        case 'done':
            return null;
    }
}

/** 400 with PocketIC's text. */
export function canisterNotFound(canisterId: Uint8Array): HttpAnswer {
    return errorAnswer(400, `CanisterNotFound(CanisterId(${idText(canisterId)}))`);
}
