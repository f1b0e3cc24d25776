import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

interface Report {
    readonly shaders: string;
    readonly device?: string;
    readonly agrees?: boolean;
    readonly missing?: string;
}

test('the shaders compile, and where a device can be had its rounds are those of the reference', async () => {
    const path = 'test/unit/node/poc/gpu_report.ts';
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', path]);
    const report = JSON.parse(stdout) as Report;
    // The package is optional: a platform without it has no GPU prover to be wrong.
    expect(['compiled', 'library']).toContain(report.shaders);
    if (report.device === undefined) expect(['library', 'adapter']).toContain(report.missing);
    else expect(report.agrees).toBe(true);
});
