import type { FastifyInstance } from 'fastify';
import type { Model } from '../ports';
import { listModels, sendError, type Context } from './context';
import { modelNotFound } from './errors';

/** `GET /v1/models` and `GET /v1/models/:id`: the registered apps. */
export function addModelRoutes(server: FastifyInstance, context: Context): void {
    server.get('/v1/models', async () => ({ object: 'list', data: (await listModels(context)).map(toModel) }));

    // App ids may hold slashes, which clients escape or not.
    server.get<{ Params: { '*': string } }>('/v1/models/*', async (request, reply) => {
        const id = request.params['*'];
        const model = (await listModels(context)).find(({ appId }) => appId === id);
        return model === undefined ? sendError(reply, modelNotFound(id)) : toModel(model);
    });
}

function toModel(model: Model): object {
    return {
        id: model.appId,
        object: 'model',
        created: Math.floor(model.registeredAtMs / 1_000),
        owned_by: 'emc',
        kind: model.kind.toLowerCase(),
        unit: model.unit,
        unit_price_credits: Number(model.unitPriceCredits),
        exec_limit_s: Number(model.execLimitS)
    };
}
