/** Names of apps: what the gateway's canister registers, and what nodes say they serve. */

const APP_ID = /^[a-z0-9][a-z0-9._:/-]{0,127}$/;

/** Whether a text can name an app: 1 to 128 of `a-z 0-9 . _ : / -`, a letter or digit first. */
export function isAppId(text: string): boolean {
    return APP_ID.test(text);
}

/** Apps of one status report at most. */
export const MAX_REPORTED_APPS = 32;
/** Characters of all their names together: what a report may cost the canister depends on them. */
export const MAX_REPORTED_CHARACTERS = 512;

/** The first of a node's apps that one status report can name. */
export function reportableApps(apps: readonly string[]): string[] {
    let characters = 0;
    const isWithin = (app: string): boolean => (characters += app.length) <= MAX_REPORTED_CHARACTERS;
    const first = apps.findIndex((app) => !isWithin(app));
    return apps.slice(0, Math.min(first < 0 ? apps.length : first, MAX_REPORTED_APPS));
}
