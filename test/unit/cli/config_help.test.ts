import { z } from 'zod';
import { configFields, configHelp } from '../../../src/cli/config_help';
import { gatewayConfigSchema } from '../../../src/gateway';
import { nodeConfigSchema } from '../../../src/node';
import { validatorConfigSchema } from '../../../src/validator';

const field = (schema: z.ZodType, path: string) => configFields(schema).find((each) => each.path === path);

test('a field is told with its path, its type, its default and what it is for', () => {
    const schema = z.object({
        a: z.object({ ms: z.int().default(5).describe('pause') }).prefault({}),
        list: z.array(z.object({ name: z.string() })),
        how: z.union([
            z.object({ kind: z.literal('x'), url: z.url() }),
            z.object({ kind: z.literal('y'), url: z.url().describe('where') })
        ]),
        note: z.string().optional()
    });
    expect(configFields(schema)).toEqual([
        { path: 'a', type: 'object', without: 'optional', description: '' },
        { path: 'a.ms', type: 'integer', without: 'default 5', description: 'pause' },
        { path: 'list', type: 'list of object', without: 'required', description: '' },
        { path: 'list[].name', type: 'string', without: 'required', description: '' },
        { path: 'how', type: 'object', without: 'required', description: '' },
        { path: 'how.kind', type: 'x | y', without: 'required', description: '' },
        { path: 'how.url', type: 'URL', without: 'required', description: 'where' },
        { path: 'note', type: 'string', without: 'optional', description: '' }
    ]);
    expect(configHelp(schema)).toContain('\n  a.ms         integer, default 5: pause\n');
});

test.each([
    ['validator', validatorConfigSchema],
    ['node', nodeConfigSchema],
    ['gateway', gatewayConfigSchema]
])('%s: every field is listed once, the key among those that must be there', (_, schema) => {
    const paths = configFields(schema).map(({ path }) => path);
    expect(new Set(paths).size).toBe(paths.length);
    for (const name of Object.keys(schema.shape)) expect(paths).toContain(name);
    expect(field(schema, 'keyFile')?.without).toBe('required');
});

test('defaults that operators look for stand where they are enforced', () => {
    expect(field(validatorConfigSchema, 'probeMinMs')?.without).toBe('default 3600000');
    expect(field(gatewayConfigSchema, 'limits.requestMs')?.without).toBe('default 300000');
    expect(field(nodeConfigSchema, 'apps[].backend.kind')?.type).toBe(
        'embedded-embeddings | openai-compatible | ollama'
    );
    expect(field(nodeConfigSchema, 'apps[].backend[].retry.tries')?.without).toBe('default 3');
});
