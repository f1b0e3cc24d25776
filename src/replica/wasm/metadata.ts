import { InvalidWasm } from './errors';
import type { CustomSection } from './parse';

/** One `icp:public <name>` or `icp:private <name>` section; private ones are for controllers. */
export interface MetadataSection {
    readonly visibility: 'public' | 'private';
    readonly data: Uint8Array;
}

/** By name without the prefix. */
export type CanisterMetadata = ReadonlyMap<string, MetadataSection>;

/** Limits of replica.md b.1. */
const MAX_SECTIONS = 16;
const MAX_TOTAL_BYTES = 1024 * 1024;

function invalid(detail: string): InvalidWasm {
    return new InvalidWasm(`Wasm module has an invalid custom section. ${detail}`);
}

function splitName(name: string): { visibility: 'public' | 'private'; name: string } | undefined {
    if (!name.startsWith('icp:')) return undefined;
    for (const visibility of ['public', 'private'] as const) {
        const prefix = `icp:${visibility} `;
        if (name.startsWith(prefix)) return { visibility, name: name.slice(prefix.length) };
        if (name === `icp:${visibility}`) {
            throw invalid("'icp:' section names must have a space after the public/private scope");
        }
    }
    throw invalid(`Invalid custom section: Custom section '${name}' has no public/private scope defined.`);
}

/** Collects the metadata of a module. Throws `InvalidWasm` for double names, unknown scopes and sizes above the limits. */
export function metadataOf(customs: readonly CustomSection[]): CanisterMetadata {
    const sections = new Map<string, MetadataSection>();
    let totalBytes = 0;
    for (const custom of customs) {
        const parsed = splitName(custom.name);
        if (parsed === undefined) continue;
        if (sections.has(parsed.name)) throw invalid(`Invalid custom section: name ${parsed.name} already exists`);
        totalBytes += custom.data.length + parsed.name.length;
        // A copy, so that the module's bytes need not live as long as its metadata.
        sections.set(parsed.name, { visibility: parsed.visibility, data: custom.data.slice() });
    }
    if (totalBytes > MAX_TOTAL_BYTES) {
        throw invalid(
            'Invalid custom sections: total size of the custom sections exceeds the maximum allowed: ' +
                `size ${totalBytes} bytes, allowed ${MAX_TOTAL_BYTES} bytes`
        );
    }
    if (sections.size > MAX_SECTIONS) {
        throw new InvalidWasm(
            `Wasm module defined ${sections.size} custom sections which exceeds the maximum number allowed ${MAX_SECTIONS}.`
        );
    }
    return sections;
}
