/** The table of docs/comparison.md: what is measured of both, side by side. */
import { grouped, rowsOfTable } from './report';
import type { Entry } from './results';

const ROWS = [
    { what: 'jobs per second', ours: 'jobs_per_second', theirs: 'bullmq_jobs_per_second' },
    { what: 'median time of a job', ours: 'job_p50', theirs: 'bullmq_job_p50' },
    { what: '99th percentile', ours: 'job_p99', theirs: 'bullmq_job_p99' }
] as const;

const BEGIN = '<!-- figures -->\n';
const END = '<!-- end -->';

/** The page with the newest figures in the place of the old ones. */
export function withFigures(page: string, entries: readonly Entry[]): string {
    const from = page.indexOf(BEGIN) + BEGIN.length;
    const to = page.indexOf(END);
    if (from < BEGIN.length || to < from) return page;
    return `${page.slice(0, from)}\n${figures(entries)}\n\n${page.slice(to)}`;
}

function figures(entries: readonly Entry[]): string {
    const rows = ROWS.map(({ what, ours, theirs }) => [what, shown(entries, ours), shown(entries, theirs)]);
    return rowsOfTable([['', 'EMC, embedded network', 'BullMQ, Redis'], ...rows]).join('\n');
}

function shown(entries: readonly Entry[], name: string): string {
    const entry = entries.find((each) => each.name === name);
    return entry === undefined
        ? 'not measured'
        : `${grouped(entry.median)} ${entry.unit} (${entry.machine}, ${entry.date})`;
}
