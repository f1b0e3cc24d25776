import { IDL } from 'azle';

/** Request and response of the HTTP gateway protocol, as far as a read-only canister needs them. */
export const HttpRequest = IDL.Record({
    method: IDL.Text,
    url: IDL.Text,
    headers: IDL.Vec(IDL.Tuple(IDL.Text, IDL.Text)),
    body: IDL.Vec(IDL.Nat8),
    certificate_version: IDL.Opt(IDL.Nat16)
});

export interface HttpRequest {
    method: string;
    url: string;
    headers: [string, string][];
    body: Uint8Array;
    certificate_version: [] | [number];
}

export const HttpResponse = IDL.Record({
    status_code: IDL.Nat16,
    headers: IDL.Vec(IDL.Tuple(IDL.Text, IDL.Text)),
    body: IDL.Vec(IDL.Nat8),
    upgrade: IDL.Opt(IDL.Bool)
});

export interface HttpResponse {
    status_code: number;
    headers: [string, string][];
    body: Uint8Array;
    upgrade: [] | [boolean];
}

/** One Prometheus sample. */
export interface Metric {
    readonly name: string;
    readonly help: string;
    readonly kind: 'counter' | 'gauge';
    readonly value: bigint | number;
}

/** Answers `/metrics` (Prometheus text format 0.0.4) and `/health`; anything else is 404, other methods 405. */
export function serveMonitoring(request: HttpRequest, metrics: () => readonly Metric[]): HttpResponse {
    if (request.method !== 'GET') return textResponse(405, 'method not allowed\n');
    const path = request.url.split('?')[0];
    if (path === '/health') return textResponse(200, 'ok\n');
    if (path === '/metrics') return textResponse(200, metrics().map(exposition).join(''));
    return textResponse(404, 'not found\n');
}

function exposition(metric: Metric): string {
    return `# HELP ${metric.name} ${metric.help}\n# TYPE ${metric.name} ${metric.kind}\n${metric.name} ${metric.value}\n`;
}

function textResponse(status: number, text: string): HttpResponse {
    return {
        status_code: status,
        headers: [['content-type', 'text/plain; version=0.0.4; charset=utf-8']],
        body: new TextEncoder().encode(text),
        upgrade: []
    };
}
