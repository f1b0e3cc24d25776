import type { z } from 'zod';

/** The configuration cannot be used; every problem is listed, by its path. */
export class BadConfig extends Error {
    constructor(readonly problems: readonly string[]) {
        super(`configuration: ${problems.join('; ')}`);
        this.name = 'BadConfig';
    }
}

/** Validates a configuration and fills its defaults in. @throws {@link BadConfig} */
export function parseConfig<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
    const parsed = schema.safeParse(input);
    if (parsed.success) return parsed.data;
    throw new BadConfig(configProblems(parsed.error));
}

type Issue = z.core.$ZodIssue;

/** Every problem of a configuration by its path; of a field that may be one of several things, those of the likeliest one. */
export function configProblems(error: z.ZodError): readonly string[] {
    return error.issues.flatMap((issue) => problemsOf(issue, []));
}

function problemsOf(issue: Issue, above: readonly PropertyKey[]): readonly string[] {
    const path = [...above, ...issue.path];
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => `${named([...path, key])}: unknown field`);
    const likeliest = issue.code === 'invalid_union' ? likeliestOf(issue.errors) : undefined;
    return likeliest?.flatMap((inner) => problemsOf(inner, path)) ?? [`${named(path)}: ${issue.message}`];
}

/** An alternative of another type altogether was not what was meant. */
function likeliestOf(alternatives: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
    const ofType = alternatives.filter((issues) =>
        issues.every(({ code, path }) => code !== 'invalid_type' || path.length > 0)
    );
    return ofType.length === 1 ? ofType[0] : undefined;
}

function named(path: readonly PropertyKey[]): string {
    return path.map(String).join('.');
}
