/** Builds the canisters and starts one PocketIC server for all end-to-end tests: the embedded one, or POCKET_IC_BIN. */
import { PocketIcServer } from '@dfinity/pic';
import { join } from 'node:path';
import { buildCanisters } from '../../scripts/lib/canister_build';
import { projectRoot } from '../../scripts/lib/project';

/** The server ends by itself when nobody asks it anything; the tests of other projects may run for longer than its default. */
const IDLE_SECONDS = 3_600;

declare global {
    var pocketIcServer: PocketIcServer | undefined;
}

export default async function globalSetup(): Promise<void> {
    process.env.POCKET_IC_BIN ??= join(projectRoot(), 'bin', 'pocket-ic');
    await buildCanisters();
    globalThis.pocketIcServer = await PocketIcServer.start({ ttl: IDLE_SECONDS });
    process.env.PIC_URL = globalThis.pocketIcServer.getUrl();
}
