import { decodeUtf8, encodeUtf8 } from '../../../src/core/candid/utf8';

/** What a node says of itself besides its load. */
export interface About {
    readonly apps: readonly string[];
    readonly version: string;
}

/** Stands between the texts; a report that contains it is refused. */
export const ABOUT_SEPARATOR = '\u0000';

/** Packed form for `Presence.about`: the version, then the apps. */
export function packAbout({ apps, version }: About): Uint8Array {
    return encodeUtf8([version, ...apps].join(ABOUT_SEPARATOR));
}

/** The apps and version of bytes that `packAbout` made; of none, no app and an empty version. */
export function unpackAbout(packed: Uint8Array): About {
    const [version = '', ...apps] = (decodeUtf8(packed) ?? '').split(ABOUT_SEPARATOR);
    return { apps, version };
}
