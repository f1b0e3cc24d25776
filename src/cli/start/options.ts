import { join } from 'node:path';
import { z } from 'zod';
import { projectRoot } from '../../../scripts/lib/project';
import { err, ok, type Result } from '../../core/result';

const port = z.coerce.number().int().min(0).max(65_535);

const schema = z.object({
    port: port.default(4943),
    gatewayPort: port.default(8787),
    /** End after the story instead of staying up. */
    once: z.boolean().default(false),
    roundSeconds: z.coerce.number().int().min(5).max(86_400).default(10),
    /** Keys of the local network; its state is in memory. */
    keyFolder: z.string().min(1)
});

/** What `emc start` was asked to do. */
export type StartOptions = z.infer<typeof schema>;

/** Checks the command line; the refusal lists every problem. */
export function parseStartOptions(raw: object): Result<StartOptions, readonly string[]> {
    const parsed = schema.safeParse({ keyFolder: join(projectRoot(), '.emc', 'local', 'keys'), ...raw });
    if (parsed.success) return ok(parsed.data);
    return err(parsed.error.issues.map((issue) => `--${kebab(issue.path.join('.'))}: ${issue.message}`));
}

function kebab(name: string): string {
    return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
