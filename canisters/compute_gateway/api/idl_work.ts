import { IDL } from 'azle';
import { answer } from './answers';
import { JobStateTag, type JobStateName, type Tags } from './idl';

/**
 * What a node is told of a job that it has worked on: what became of it, and what was earned. Not who pays, by which a node could
 * tell a validator's probe (docs/decisions/0022-what-tells-a-probe.md).
 */
export const WorkView = IDL.Record({
    job_id: IDL.Nat64,
    state: JobStateTag,
    attempt: IDL.Nat32,
    units: IDL.Nat64,
    credits_used: IDL.Nat64
});
export interface WorkView {
    job_id: bigint;
    state: Tags<JobStateName>;
    attempt: number;
    units: bigint;
    credits_used: bigint;
}

export const CompleteJobAnswer = answer<WorkView>(WorkView)(
    'Anonymous',
    'NotFound',
    'StaleLease',
    'ResultConflict',
    'UsageTooHigh',
    'BadReceipt',
    'PayloadTooLarge'
);
export const CompleteJobsAnswer = IDL.Vec(CompleteJobAnswer.idl);
export const FailJobAnswer = answer<WorkView>(WorkView)('Anonymous', 'NotFound', 'StaleLease', 'InvalidArgument');
