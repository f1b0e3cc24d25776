/** PocketIC's REST interface (see README.md for what of it is here). Unauthenticated by design: for tests. */
import { textAnswer } from '../answer';
import { defaultNames, pathOf } from '../gateway/addressing';
import { listen, ListenError, type HttpAnswer, type HttpListener, type HttpRequest } from '../http/http_server';
import { answerNetworkPath } from '../http/network_handler';
import { Blobs } from './blobs';
import { Gateways, type GatewayAddress } from './gateways';
import { readInstanceConfig, type InstanceConfig } from './instance_config';
import { Instances, type Instance } from './instances';
import { Body, InvalidBodyError, parseJson } from './json';
import { readRoutes, type InstanceRoute } from './read_routes';
import { errorAnswer, jsonAnswer } from './rest_answer';
import { verifySignature } from './signature_route';
import { topologyJson } from './topology';
import { updateRoutes } from './update_routes';

/** Where the server listens, and whom it tells of what. */
export interface PocketIcServerOptions {
    readonly host: string;
    /** 0 for any free port. */
    readonly port: number;
    readonly onFault: (error: unknown) => void;
    /** Told at the beginning and at the end of every request. */
    readonly onActivity?: (openRequests: number) => void;
}

/** A running server. */
export interface PocketIcServer {
    readonly port: number;
    /** Makes a network as `POST /instances` does. */
    createInstance(config: InstanceConfig): Promise<Instance>;
    /** Serves an instance as `POST /http_gateway` does; rejects with ListenError. */
    openGateway(instance: Instance, address: GatewayAddress): Promise<{ readonly id: number; readonly port: number }>;
    close(): Promise<void>;
}

/** Stable memories are uploaded as blobs. */
const maxBodyBytes = 1024 * 1024 * 1024;

/** Rejects with ListenError. */
export async function startPocketIc(options: PocketIcServerOptions): Promise<PocketIcServer> {
    const server = new Server(options);
    const listener = await listen({ ...options, maxBodyBytes, handler: (request) => server.handle(request) });
    return {
        port: listener.port,
        createInstance: (config) => server.instances.create(config),
        openGateway: (instance, address) => server.gateways.open(instance, address),
        close: () => server.close(listener)
    };
}

class Server {
    readonly instances: Instances;
    readonly #blobs = new Blobs();
    readonly gateways: Gateways;
    readonly #instanceRoutes: Readonly<Record<string, InstanceRoute>>;
    readonly #options: PocketIcServerOptions;
    #open = 0;

    constructor(options: PocketIcServerOptions) {
        this.#options = options;
        this.instances = new Instances(options.onFault);
        this.gateways = new Gateways(options.onFault);
        this.#instanceRoutes = { ...readRoutes, ...updateRoutes(this.#blobs) };
    }

    async close(listener: HttpListener): Promise<void> {
        await listener.close();
        await this.gateways.stopAll();
        await this.instances.closeAll();
    }

    async handle(request: HttpRequest): Promise<HttpAnswer> {
        this.#open += 1;
        this.#options.onActivity?.(this.#open);
        try {
            return await this.#route(request);
        } catch (error) {
            if (error instanceof InvalidBodyError) {
                return errorAnswer(400, error.message);
            }
            throw error;
        } finally {
            this.#open -= 1;
            this.#options.onActivity?.(this.#open);
        }
    }

    async #route(request: HttpRequest): Promise<HttpAnswer> {
        const path = pathOf(request.url);
        const inside = /^\/instances\/(\d+)(\/.*)?$/.exec(path);
        if (inside !== null) {
            return this.#instanceRequest(Number(inside[1]), inside[2] ?? '', request);
        }
        const gateway = /^\/http_gateway\/(\d+)\/stop$/.exec(path);
        if (gateway !== null && request.method === 'POST') {
            const stopped = await this.gateways.stop(Number(gateway[1]));
            return stopped ? jsonAnswer({}) : errorAnswer(404, 'No such gateway');
        }
        const blob = /^\/blobstore\/([0-9a-f]{64})$/.exec(path);
        if (blob !== null && request.method === 'GET') {
            const body = this.#blobs.get(blob[1] ?? '');
            return body === undefined ? errorAnswer(404, 'BlobNotFound') : { status: 200, body };
        }
        return this.#serverRoute(`${request.method} ${path}`, request);
    }

    async #serverRoute(route: string, request: HttpRequest): Promise<HttpAnswer> {
        switch (route) {
            case 'GET /status':
                return jsonAnswer({});
            case 'GET /instances':
                return jsonAnswer(this.instances.states());
            case 'GET /http_gateway':
                return jsonAnswer(this.gateways.list());
            case 'POST /verify_signature':
                return verifySignature(new Body(parseJson(request.body)));
            case 'POST /instances':
                return this.#createInstance(request.body);
            case 'POST /blobstore':
                return textAnswer(200, this.#blobs.put(request.body));
            case 'POST /http_gateway':
                return this.#openGateway(request.body);
            default:
                return errorAnswer(404, `No route for ${route.slice(0, 200)}`);
        }
    }

    async #createInstance(body: Uint8Array): Promise<HttpAnswer> {
        try {
            const instance = await this.instances.create(readInstanceConfig(parseJson(body)));
            return jsonAnswer({ Created: { instance_id: instance.id, topology: topologyJson(instance) } }, 201);
        } catch (error) {
            if (error instanceof InvalidBodyError) {
                return jsonAnswer({ Error: { message: error.message } }, 400);
            }
            throw error;
        }
    }

    async #instanceRequest(id: number, path: string, request: HttpRequest): Promise<HttpAnswer> {
        const instance = this.instances.get(id);
        if (instance === undefined) {
            return errorAnswer(404, `Instance ${id} does not exist`);
        }
        if (path === '' && request.method === 'DELETE') {
            await this.instances.delete(id);
            return jsonAnswer({});
        }
        const agentAnswer = await answerNetworkPath(instance.network, path, request);
        return agentAnswer ?? this.#instanceRoute(instance, path, request);
    }

    async #instanceRoute(instance: Instance, path: string, request: HttpRequest): Promise<HttpAnswer> {
        if (request.method === 'GET' && path === '/_/topology') {
            return jsonAnswer(topologyJson(instance));
        }
        const route = this.#instanceRoutes[`${request.method} ${path}`];
        return route === undefined
            ? errorAnswer(404, `No route for ${request.method} ${path.slice(0, 200)}`)
            : route(instance, new Body(parseJson(request.body) ?? {}));
    }

    async #openGateway(bytes: Uint8Array): Promise<HttpAnswer> {
        const body = new Body(parseJson(bytes));
        const instance = this.instances.get(Number(body.object('forward_to').nat('PocketIcInstance')));
        if (instance === undefined) {
            return jsonAnswer({ Error: { message: 'The instance does not exist' } }, 400);
        }
        const port = body.get('port') === undefined ? 0 : Number(body.nat('port'));
        const given = body.get('domains') === undefined ? [] : body.array('domains').map(String);
        const domains = [...defaultNames.domains, ...given];
        const host = body.get('ip_addr') === undefined ? this.#options.host : body.text('ip_addr');
        try {
            const gateway = await this.gateways.open(instance, { host, port, names: { ...defaultNames, domains } });
            return jsonAnswer({ Created: { instance_id: gateway.id, port: gateway.port } }, 201);
        } catch (error) {
            if (error instanceof ListenError) {
                return jsonAnswer({ Error: { message: error.message } }, 400);
            }
            throw error;
        }
    }
}
