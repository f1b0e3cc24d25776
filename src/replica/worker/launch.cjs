/** Runs one of the server commands: the compiled one, or its source where it cannot be compiled. */
'use strict';

const { serverScript, pocketIcScript } = require('./bundle.cjs');

/** @param {'server' | 'pocketic'} name */
exports.run = async (name) => {
    const { path, execArgv } = name === 'server' ? serverScript() : pocketIcScript();
    if (execArgv.length > 0) {
        await import('tsx');
    }
    const { main } = await import(path);
    await main(process.argv.slice(2));
};
