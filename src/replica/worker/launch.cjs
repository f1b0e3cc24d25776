/** Runs one of the server commands: the compiled one, or its source where it cannot be compiled. */
'use strict';

const { serverBundle, pocketIcBundle, launcherBundle } = require('./bundle.cjs');

const commands = {
    server: { bundle: serverBundle, source: '../main.ts' },
    pocketic: { bundle: pocketIcBundle, source: '../pocketic/main.ts' },
    launcher: { bundle: launcherBundle, source: '../launcher/main.ts' }
};

/** @param {'server' | 'pocketic' | 'launcher'} name */
exports.run = async (name) => {
    const { bundle, source } = commands[name];
    const file = bundle();
    if (file === undefined) {
        await import('tsx');
    }
    const { main } = await import(file ?? source);
    await main(process.argv.slice(2));
};
