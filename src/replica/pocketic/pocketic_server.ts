/** PocketIC's REST interface (see README.md for what of it is here). Unauthenticated by design: for tests. */
import { textAnswer } from '../answer';
import { defaultNames, pathOf } from '../gateway/addressing';
import { dashboard, dashboardPath } from '../gateway/dashboard';
import { listen, ListenError, type HttpAnswer, type HttpListener, type HttpRequest } from '../http/http_server';
import { answerNetworkPath } from '../http/network_handler';
import { answerTopology, topology } from '../http/topology';
import { Blobs } from './blobs';
import { readGatewayConfig, type GatewayConfig } from './gateway_config';
import { Gateways, type Backend, type GatewayAddress, type GatewayInfo } from './gateways';
import { readInstanceConfig, type InstanceConfig } from './instance_config';
import { Instances, type Instance } from './instances';
import { Body, InvalidBodyError, parseJson, type Json } from './json';
import { readRoutes, type InstanceRoute } from './read_routes';
import { UpstreamError } from './remote_replica';
import { errorAnswer, jsonAnswer } from './rest_answer';
import { verifySignature } from './signature_route';
import { updateRoutes } from './update_routes';

/** Where the server listens, and whom it tells of what. */
export interface PocketIcServerOptions {
    readonly host: string;
    /** 0 for any free port. */
    readonly port: number;
    readonly onFault: (error: unknown) => void;
    /** Bytes that all instances may take together, with the process; default: what the machine, or its container, has. */
    readonly memoryLimitBytes?: number;
    /** Told at the beginning and at the end of every request. */
    readonly onActivity?: (openRequests: number) => void;
}

/** A running server. */
export interface PocketIcServer {
    readonly port: number;
    /** Makes a network as `POST /instances` does. */
    createInstance(config: InstanceConfig): Promise<Instance>;
    /** Serves an instance as `POST /http_gateway` does; rejects with ListenError. */
    openGateway(instance: Instance, address: GatewayAddress): Promise<GatewayInfo>;
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
        openGateway: (instance, address) => server.gateways.open({ kind: 'instance', instance }, address),
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
        this.instances = new Instances(options.onFault, options.memoryLimitBytes);
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
        const path = withoutTrailingSlash(pathOf(request.url));
        const inside = /^\/instances\/(\d+)(\/.*)?$/.exec(path);
        if (inside !== null) {
            return this.#instanceRequest(Number(inside[1]), inside[2] ?? '', request);
        }
        const gateway = /^\/http_gateway\/(\d+)\/stop$/.exec(path);
        if (gateway !== null && request.method === 'POST') {
            const stopped = await this.gateways.stop(Number(gateway[1]));
            return stopped ? jsonAnswer({}) : errorAnswer(404, 'No such gateway');
        }
        const blob = /^\/blobstore\/([^/]+)$/.exec(path);
        if (blob !== null && request.method === 'GET') return this.#blobs.answer(blob[1] ?? '');
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
                return textAnswer(200, this.#blobs.put(request.body, request.headers['content-encoding']));
            case 'POST /http_gateway':
                return this.#openGateway(request.body);
            default:
                return errorAnswer(404, `No route for ${route.slice(0, 200)}`);
        }
    }

    #createInstance(body: Uint8Array): Promise<HttpAnswer> {
        return creationAnswer(async () => {
            const config = readInstanceConfig(parseJson(body));
            const instance = await this.instances.create(config);
            try {
                const gateway = config.gateway && (await this.#serve({ kind: 'instance', instance }, config.gateway));
                return {
                    instance_id: instance.id,
                    topology: topologyJson(instance),
                    http_gateway_info: gateway === undefined ? null : gatewayJson(gateway)
                };
            } catch (error) {
                await this.instances.delete(instance.id);
                throw error;
            }
        });
    }

    async #instanceRequest(id: number, path: string, request: HttpRequest): Promise<HttpAnswer> {
        const instance = this.instances.get(id);
        if (instance === undefined) {
            return errorAnswer(404, `Instance ${id} does not exist`);
        }
        if (path === '' && request.method === 'DELETE') {
            await this.gateways.stopOf(id);
            await this.instances.delete(id);
            return jsonAnswer({});
        }
        return (
            (await answerNetworkPath(instance.network, path, request)) ??
            answerTopology(instance.network.identity, request.method, path) ??
            (request.method === 'GET' && path === dashboardPath ? dashboard(instance.network, request) : undefined) ??
            this.#instanceRoute(instance, path, request)
        );
    }

    async #instanceRoute(instance: Instance, path: string, request: HttpRequest): Promise<HttpAnswer> {
        const route = this.#instanceRoutes[`${request.method} ${path}`];
        return route === undefined
            ? errorAnswer(404, `No route for ${request.method} ${path.slice(0, 200)}`)
            : route(instance, new Body(parseJson(request.body) ?? {}));
    }

    #openGateway(bytes: Uint8Array): Promise<HttpAnswer> {
        return creationAnswer(async () => {
            const body = new Body(parseJson(bytes));
            return gatewayJson(await this.#serve(this.#backend(body.object('forward_to')), readGatewayConfig(body)));
        });
    }

    #backend(target: Body): Backend {
        if (target.get('Replica') !== undefined) return { kind: 'replica', url: target.text('Replica') };
        const instance = this.instances.get(Number(target.nat('PocketIcInstance')));
        if (instance === undefined) throw new InvalidBodyError('Instance not found');
        return { kind: 'instance', instance };
    }

    #serve(backend: Backend, { host, port, domains, https }: GatewayConfig): Promise<GatewayInfo> {
        const names = { ...defaultNames, domains: domains ?? defaultNames.domains };
        return this.gateways.open(backend, { host: host ?? this.#options.host, port, names, https });
    }
}

function withoutTrailingSlash(path: string): string {
    return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}

/** The instance's canonical form is that of its own page. */
function topologyJson({ network: { identity } }: Instance): Json {
    const { subnet_configs, default_effective_canister_id } = topology(identity);
    return { subnet_configs, default_effective_canister_id };
}

function gatewayJson({ id, port }: GatewayInfo): Json {
    return { instance_id: id, port };
}

function bindFailure({ host, port, code }: ListenError): string {
    return `Failed to bind to address ${host}:${port}: ${code === 'EADDRINUSE' ? 'Address already in use' : code}`;
}

/** `Created` with what was made, or `Error` with the reason. */
async function creationAnswer(create: () => Promise<Json>): Promise<HttpAnswer> {
    try {
        return jsonAnswer({ Created: await create() }, 201);
    } catch (error) {
        if (error instanceof ListenError) return creationError(bindFailure(error));
        if (error instanceof InvalidBodyError || error instanceof UpstreamError) return creationError(error.message);
        throw error;
    }
}

function creationError(message: string): HttpAnswer {
    return jsonAnswer({ Error: { message } }, 400);
}
