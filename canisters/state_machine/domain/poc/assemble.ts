import type { Duties } from '../duties';
import type { Registry } from '../registry';
import type { ValidatorSet } from '../validators';
import type { StateTables } from '../records';
import { ChallengeBook, type BookTables } from './book';
import { CheckQuota } from './check_quota';
import { Course } from './course';
import { FalseVerdicts } from './false_verdicts';
import { Scores } from './scores';
import { Specs } from './specs';
import type { Suspension } from './suspension';
import { Verdicts } from './verdicts';

/** The rules of EMC-PoC-1 over their tables, beside the registry and the validator set. */
export function assembleChallenges(
    tables: BookTables & Pick<StateTables, 'config'>,
    registry: Registry,
    validators: ValidatorSet,
    suspension: Suspension,
    duties: Pick<Duties, 'proofFailed'>
) {
    const book = new ChallengeBook(tables);
    const specs = new Specs(tables);
    const scores = new Scores(tables, registry);
    const falseVerdicts = new FalseVerdicts(tables);
    const quota = new CheckQuota(tables, validators);
    const parts = { tables, registry, validators, book, scores, specs, suspension, quota };
    const verdicts = new Verdicts({ ...parts, falseVerdicts, duties });
    const course = new Course({ ...parts, verdicts });
    return { book, specs, scores, verdicts, course, falseVerdicts, suspension };
}
