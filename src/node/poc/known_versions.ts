import { VECTORS_V1_HASH } from '../../core/poc/spec';

/** A version of the specification as far as software cares: SHA-256 of its test vectors in hexadecimal digits. */
export interface PublishedVersion {
    readonly version: number;
    readonly vectorsHash: string;
}

/** Test vectors that this software reproduces: what it may begin a challenge by. */
const IMPLEMENTED: ReadonlySet<string> = new Set([VECTORS_V1_HASH]);

/** Which version a node begins by: in the first epoch of a version that it does not implement, the one before it. */
export class KnownVersions {
    private published: readonly PublishedVersion[] = [];

    /** `list`: the versions of the canister, each of which never changes; asked when a challenge names an unknown one. */
    constructor(private readonly list: () => Promise<readonly PublishedVersion[]>) {}

    /** The newest implemented version up to that of a challenge; undefined when there is none. */
    async toBeginBy(version: number): Promise<number | undefined> {
        if (!this.published.some((known) => known.version === version)) this.published = await this.list();
        const usable = this.published.filter((known) => known.version <= version && IMPLEMENTED.has(known.vectorsHash));
        return usable.reduce<number | undefined>((best, { version: one }) => Math.max(best ?? one, one), undefined);
    }
}
