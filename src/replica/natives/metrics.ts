/** `http_request` of the system canisters: their metrics, in the text format of Prometheus. */
import { blob, nat16, pair, record, text, vec } from '../candid/codecs';
import { utf8 } from '../wire/bytes';
import { query, type NativeMethod } from './service';

const header = pair(text, text);

/** A number and what it is. */
export interface Gauge {
    readonly name: string;
    readonly help: string;
    readonly value: bigint;
}

/** Serves `/metrics`; there is nothing else to see. */
export function metricsMethod(gauges: () => readonly Gauge[]): NativeMethod {
    return query({
        argument: record({ url: text, method: text, body: blob, headers: vec(header) }),
        result: record({ status_code: nat16, headers: vec(header), body: blob }),
        run: ({ url }, { nowNs }) => {
            const [path] = url.split('?');
            if (path !== '/metrics') return { status_code: 404, headers: [], body: utf8('not found') };
            const headers = [
                ['Content-Type', 'text/plain; version=0.0.4'],
                ['Cache-Control', 'no-store']
            ] as const;
            return { status_code: 200, headers, body: utf8(exposition(gauges(), nowNs)) };
        }
    });
}

const nsPerMillisecond = 1_000_000n;

function exposition(gauges: readonly Gauge[], nowNs: bigint): string {
    return gauges
        .flatMap(({ name, help, value }) => [
            `# HELP ${name} ${help}`,
            `# TYPE ${name} gauge`,
            `${name} ${value} ${nowNs / nsPerMillisecond}`
        ])
        .map((line) => `${line}\n`)
        .join('');
}
