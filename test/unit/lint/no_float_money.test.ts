/** The lint rule that keeps floats off money paths, run as `npm run check` runs it: over a text in the place of a file. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..', '..');
const RULE = 'emc/no-float-money';

interface Answer {
    readonly found: readonly { readonly ruleId: string | null; readonly line: number }[];
    /** Whether the rule is on, by path. */
    readonly guarded: readonly boolean[];
}

/** One process for all, because loading types takes seconds. */
const SCRIPT = `
import { ESLint } from 'eslint';
const [path, text, ...paths] = process.argv.slice(1);
const eslint = new ESLint();
const [{ messages }] = await eslint.lintText(text, { filePath: path });
const configs = await Promise.all(paths.map((one) => eslint.calculateConfigForFile(one)));
const guarded = configs.map(({ rules }) => rules['${RULE}']?.[0] === 2);
console.log(JSON.stringify({ found: messages, guarded }));
`;

function lint(path: string, lines: readonly string[], paths: readonly string[]): Answer {
    const args = ['--input-type=module', '--eval', SCRIPT, path, lines.join('\n'), ...paths];
    const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
    expect(stderr).not.toContain('Error');
    return JSON.parse(stdout) as Answer;
}

const FLOATS = [
    'declare const priceE8s: bigint; declare const count: number; declare const row: { paidE8s: bigint };',
    'export const a = count / 3;',
    'export const b = Math.floor(count);',
    'export const c = parseFloat(String(priceE8s));',
    'export const d = 0.2;',
    'export const e = 1e-3;',
    'export const f = Number(priceE8s);',
    'export const g = Number(row.paidE8s);',
    'export const h = count ** 2;',
    'export const feeE8s = count;',
    'export const i = count.toFixed(2);',
    'export let j = count; j /= 2;'
];

const INTEGERS = [
    'export const fee_e8s = (priceE8s * 20n) / 100n;',
    'export const power = 10n ** 8n;',
    'export const index = Number(priceE8s > 5n) + count % 3;',
    'export const all = 0xff + 12;'
];

const PLACES = [
    'canisters/rewards/domain/governance/payments.ts',
    'canisters/hub/domain/credit_book.ts',
    'canisters/token_icrc1/domain/ledger.ts',
    'src/core/tokenomics/trade.ts',
    'src/core/amount.ts'
];

test('on every money path each way to make a float is refused, and integers are not', () => {
    const { found, guarded } = lint(
        'canisters/rewards/domain/governance/payments.ts',
        [...FLOATS, ...INTEGERS],
        PLACES
    );
    const lines = new Set(found.filter(({ ruleId }) => ruleId === RULE).map(({ line }) => line - 1));
    expect([...lines]).toEqual(FLOATS.slice(1).map((_, i) => i + 1));
    expect(guarded).toEqual(PLACES.map(() => true));
});
