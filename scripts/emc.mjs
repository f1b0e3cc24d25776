#!/usr/bin/env node
/** The `emc` command: `npx emc --help`. */
process.argv.splice(2, 0, 'emc');
await import('./run.mjs');
