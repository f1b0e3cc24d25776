/** A Jest reporter that tells the process which started Jest what has happened so far, since a report comes only at the end. */
export default class ProgressReporter {
    onTestFileStart({ path }) {
        process.send?.({ kind: 'begun', file: path });
    }

    onTestCaseResult({ path }, { status }) {
        process.send?.({ kind: 'tested', file: path, status });
    }

    onTestFileResult({ path }) {
        process.send?.({ kind: 'ended', file: path });
    }
}
