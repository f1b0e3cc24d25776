import { decodeUtf8, encodeUtf8 } from '../../../src/core/candid/utf8';
import { MAX_REPORTED_APPS, MAX_REPORTED_CHARACTERS } from '../../../src/core/compute/app_names';

/** What a node says of itself besides its load. */
export interface About {
    readonly apps: readonly string[];
    readonly version: string;
}

/** Stands between the texts. */
const SEPARATOR = '\u0000';

/** A version of up to 64 printable characters, then names of apps: one native look at all of them. */
const PACKED = /^[ -~]{0,64}(\u0000[a-z0-9][a-z0-9._:/-]{0,127})*$/;

/** Packed form for `Presence.about`: the version, then the apps; undefined when a text is none, or they are too many. */
export function packAbout({ apps, version }: About): Uint8Array | undefined {
    const texts = [version, ...apps].join(SEPARATOR);
    const characters = texts.length - version.length - apps.length;
    if (apps.length > MAX_REPORTED_APPS || characters > MAX_REPORTED_CHARACTERS || !PACKED.test(texts))
        return undefined;
    // A name with the separator in it would have passed for two.
    return texts.split(SEPARATOR).length === apps.length + 1 ? encodeUtf8(texts) : undefined;
}

/** The apps and version of bytes that `packAbout` made; of none, no app and an empty version. */
export function unpackAbout(packed: Uint8Array): About {
    const [version = '', ...apps] = (decodeUtf8(packed) ?? '').split(SEPARATOR);
    return { apps, version };
}
