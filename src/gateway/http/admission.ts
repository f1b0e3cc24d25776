import type { FastifyInstance, FastifyRequest } from 'fastify';
import { authenticate, sendError, type Context } from './context';
import type { InFlight } from './in_flight';

/**
 * Lets requests of the API in: so many at a time, with a key that is good, and whose bodies arrive in time. All that is
 * decided before a body is read, so that who has no key holds no memory here.
 */
export function admit(server: FastifyInstance, context: Context, inFlight: InFlight): void {
    const bodies = new WeakMap<FastifyRequest, NodeJS.Timeout>();
    const { bodyMs } = context.config.limits;
    server.addHook('onRequest', async (request, reply) => {
        if (!isApi(request)) return undefined;
        if (inFlight.isFull) {
            return sendError(reply, { code: 'busy', message: 'The gateway is full.', retryAfterMs: 1_000 });
        }
        inFlight.enter();
        reply.raw.once('close', () => {
            clearTimeout(bodies.get(request));
            inFlight.leave();
        });
        if (request.is404) return undefined;
        const refusal = await authenticate(context, request);
        if (refusal !== undefined) return sendError(reply, refusal);
        // Of what comes more slowly, a few requests would fill the gateway.
        if (request.method !== 'GET' && !reply.raw.closed) {
            const late = (): void => {
                const message = `The request's body did not arrive within ${bodyMs} ms.`;
                void sendError(reply.header('connection', 'close'), { code: 'request_timeout', message });
            };
            bodies.set(request, setTimeout(late, bodyMs));
        }
        return undefined;
    });
    // Not a promise: each hook's costs every request a turn.
    server.addHook('preValidation', (request, _reply, done) => {
        clearTimeout(bodies.get(request));
        done();
    });
}

function isApi(request: FastifyRequest): boolean {
    return request.url.startsWith('/v1/');
}
