/** Three projects: `unit` needs nothing but Node, `e2e` runs the built canisters on a network. */
const shared = {
    testEnvironment: 'node',
    transform: {
        '^.+\\.(ts|did\\.js)$': [
            '@swc/jest',
            {
                jsc: { target: 'es2022', parser: { syntax: 'typescript', decorators: true } },
                module: { type: 'commonjs' }
            }
        ]
    },
    moduleFileExtensions: ['ts', 'js', 'cjs', 'mjs', 'json']
};

export default {
    // Ends what hangs; no test may depend on it. The heaviest take a minute or two on two cores, and machines may be slow.
    testTimeout: 20 * 60_000,
    projects: [
        {
            ...shared,
            displayName: 'unit',
            testMatch: ['<rootDir>/test/unit/**/*.test.ts', '<rootDir>/test/model/**/*.test.ts']
        },
        { ...shared, displayName: 'replica', testMatch: ['<rootDir>/test/replica/**/*.test.ts'] },
        {
            ...shared,
            displayName: 'e2e',
            testMatch: ['<rootDir>/test/e2e/**/*.test.ts'],
            globalSetup: '<rootDir>/test/setup/global_setup.ts',
            globalTeardown: '<rootDir>/test/setup/global_teardown.ts'
        }
    ]
};
