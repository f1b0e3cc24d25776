import { readFileSync, statSync } from 'node:fs';
import { parsePrincipal } from '../http/agent_routes';

/**
 * Names from a file of lines `domain:principal`, which somebody else keeps up to date. It is read again when it has changed;
 * lines that are none are skipped, and a missing file has no names.
 */
export class CustomDomains {
    readonly #path: string;
    #names: ReadonlyMap<string, Uint8Array> = new Map();
    #version = '';

    constructor(path: string) {
        this.#path = path;
    }

    lookup(host: string): Uint8Array | undefined {
        const version = this.#currentVersion();
        if (version !== this.#version) {
            this.#version = version;
            this.#names = version === '' ? new Map() : parseDomains(readFileSync(this.#path, 'utf8'));
        }
        return this.#names.get(host);
    }

    #currentVersion(): string {
        const stats = statSync(this.#path, { throwIfNoEntry: false });
        return stats === undefined ? '' : `${stats.mtimeMs}/${stats.size}`;
    }
}

function parseDomains(text: string): ReadonlyMap<string, Uint8Array> {
    const entries = text.split('\n').flatMap((line) => {
        const [domain = '', id = ''] = line.trim().split(':');
        const canisterId = parsePrincipal(id.trim());
        return canisterId === undefined || domain === '' ? [] : [[domain.trim().toLowerCase(), canisterId] as const];
    });
    return new Map(entries);
}
