/** Run as a process of its own: builds the named canister, and says whether it did so itself. */
import { buildCanisters } from '../../scripts/lib/canister_build';
import { CANISTERS } from '../../src/core/peers';

const names = CANISTERS.filter((name) => name === process.argv[2]);
for (const { name, fresh } of await buildCanisters(names)) console.log(`${name} ${fresh ? 'made' : 'found'}`);
