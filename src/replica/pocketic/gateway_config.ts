import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { TlsKeys } from '../http/http_server';
import { Body, InvalidBodyError, type Json } from './json';

/** How a gateway is to listen. */
export interface GatewayConfig {
    /** Undefined for the server's own. */
    readonly host: string | undefined;
    /** 0 for any free one. */
    readonly port: number;
    /** As given; undefined for the default. */
    readonly domains: readonly string[] | undefined;
    readonly https: HttpsConfig | undefined;
}

/** Files in PEM. */
export interface HttpsConfig {
    readonly certPath: string;
    readonly keyPath: string;
}

/** Throws InvalidBodyError. */
export function readGatewayConfig(body: Body): GatewayConfig {
    const https = body.optionalObject('https_config');
    return {
        host: body.get('ip_addr') === undefined ? undefined : body.text('ip_addr'),
        port: body.get('port') === undefined ? 0 : Number(body.nat('port')),
        domains: body.get('domains') === undefined ? undefined : body.array('domains').map(String),
        https: https && { certPath: https.text('cert_path'), keyPath: https.text('key_path') }
    };
}

/** As the real server shows it. */
export function httpsJson(https: HttpsConfig | undefined): Json {
    return https === undefined ? null : { cert_path: https.certPath, key_path: https.keyPath };
}

/** Certificate and key of the files. Throws InvalidBodyError when they are missing or do not fit. */
export function readTlsKeys({ certPath, keyPath }: HttpsConfig): TlsKeys {
    try {
        const keys = { cert: readFileSync(certPath), key: readFileSync(keyPath) };
        createSecureContext(keys);
        return keys;
    } catch (error) {
        throw new InvalidBodyError(`TLS config could not be created: ${error instanceof Error ? error.message : ''}`);
    }
}
