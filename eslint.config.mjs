import tseslint from 'typescript-eslint';
import { noFloatMoney } from './scripts/lib/no_float_money.mjs';

/** Who may import what (docs/engineering-guidelines.md, rules A). */
const forbid = (...patterns) => ({
    'no-restricted-imports': ['error', { patterns: patterns.map(([group, message]) => ({ group, message })) }]
});
const AZLE = [
    ['azle', 'azle/*'],
    'A1: azle answers nothing outside a canister; only src/azle and the outer ring of a canister import it.'
];
const NODE = [['node:*'], 'A2: this code also runs inside canisters and browsers.'];
const AGENT = [['@dfinity/agent', '@dfinity/identity'], 'A3: the kernel and the canisters know no agent.'];
const REST = [['**/src/*', '../../../canisters/**'], 'A4: the embedded network is a library of its own.'];

/** Where amounts are computed. */
const MONEY = [
    'canisters/{rewards,hub}/domain/**/*.ts',
    'canisters/token_icrc1/domain/{allowances,approval,genesis,ledger,movement,orders,token}.ts',
    'src/core/{tokenomics,governance}/**/*.ts',
    'src/core/{amount,transfer_intents}.ts'
];

export default tseslint.config(
    { ignores: ['node_modules/**', '.emc/**', '.azle/**', 'src/declarations/**', 'coverage/**', 'src/dapp/**/*.js'] },
    {
        files: ['**/*.ts'],
        extends: [tseslint.configs.base],
        rules: {
            '@typescript-eslint/no-explicit-any': 'error',
            '@typescript-eslint/ban-ts-comment': ['error', { 'ts-expect-error': 'allow-with-description' }],
            'consistent-return': 'off',
            'no-console': 'off',
            'max-lines': ['error', { max: 400 }],
            'max-lines-per-function': ['error', { max: 80, IIFEs: false }],
            eqeqeq: 'error',
            'prefer-const': 'error',
            'no-var': 'error',
            'no-restricted-syntax': [
                'error',
                {
                    selector: "NewExpression[callee.name='Error']",
                    message: 'E2: throw an error class of its own, with data, so that callers can tell it apart.'
                }
            ]
        }
    },
    {
        files: ['test/**/*.ts', 'bench/**/*.ts'],
        rules: { 'max-lines-per-function': 'off', 'no-restricted-syntax': 'off' }
    },
    { files: ['src/core/**/*.ts'], rules: forbid(AZLE, NODE, AGENT) },
    {
        files: ['canisters/*/domain/**/*.ts'],
        rules: forbid(AZLE, NODE, AGENT, [
            ['**/azle/*', '**/api/*', '**/clients/*', '**/wiring', '**/storage'],
            'A5: the domain is pure.'
        ])
    },
    {
        files: ['canisters/*/{api,jobs,clients}/**/*.ts', 'canisters/*/*.ts', 'src/azle/**/*.ts'],
        rules: forbid(NODE, AGENT)
    },
    { files: ['src/replica/**/*.ts'], rules: forbid(AZLE, REST) },
    { files: ['src/{gateway,node,validator,client,cli,dapp}/**/*.ts'], rules: forbid(AZLE) },
    {
        // Money is bigint from end to end (docs/engineering-guidelines.md, rule M1).
        files: MONEY,
        languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
        plugins: { emc: { rules: { 'no-float-money': noFloatMoney } } },
        rules: { 'emc/no-float-money': 'error' }
    }
);
