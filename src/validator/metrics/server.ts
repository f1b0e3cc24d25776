import { createServer, type Server, type ServerResponse } from 'node:http';
import type { Metrics } from './metrics';

/** A running monitoring endpoint. */
export interface Monitoring {
    readonly url: string;
    close(): Promise<void>;
}

/** Serves `GET /metrics` and `GET /health`, on this machine only unless told otherwise; port 0 takes a free one. */
export async function serveMetrics(metrics: Metrics, port: number, host: string): Promise<Monitoring> {
    const server = createServer((request, response) => {
        void answer(metrics, request.method, request.url, response);
    });
    await listening(server, port, host);
    const address = server.address();
    const taken = typeof address === 'object' ? (address?.port ?? port) : port;
    return {
        url: `http://${host.includes(':') ? `[${host}]` : host}:${taken}`,
        close: () =>
            new Promise((resolve) => {
                server.close(() => resolve());
                server.closeAllConnections();
            })
    };
}

function listening(server: Server, port: number, host: string): Promise<void> {
    return new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, () => resolve());
    });
}

async function answer(metrics: Metrics, method = '', url = '', response: ServerResponse): Promise<void> {
    const path = url.split('?')[0];
    if (method !== 'GET') return send(response, 405, 'text/plain', 'method not allowed\n');
    if (path === '/health') return send(response, 200, 'text/plain', 'ok\n');
    if (path === '/metrics') return send(response, 200, metrics.contentType, await metrics.text());
    return send(response, 404, 'text/plain', 'not found\n');
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
    response.writeHead(status, { 'content-type': type }).end(body);
}
