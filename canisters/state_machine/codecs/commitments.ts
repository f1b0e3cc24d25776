import { rootOf, buildLevels, DIGEST_BYTES } from '../../../src/core/consensus/merkle';
import { codecOf, fixedBytes, list, oneOf, optional, principal, record, u32, u64, u8 } from '../../../src/core/codec';
import {
    COMMITMENT_STATUSES,
    type CommitmentLogHead,
    type CommitmentRecord,
    type TreeKey
} from '../domain/commitment_records';

const digest = fixedBytes(DIGEST_BYTES);

export const digestCodec = codecOf(digest);

export const commitmentCodec = codecOf(
    record<CommitmentRecord>({
        from: u64,
        to: u64,
        root: digest,
        status: oneOf(COMMITMENT_STATUSES),
        submittedBy: principal,
        submittedNs: u64,
        decidedNs: optional(u64),
        confirmedBy: list(principal),
        rejectedBy: list(principal)
    })
);

export const treeKey = codecOf(record<TreeKey>({ level: u8, index: u64 }));

export const headCodec = codecOf(record<CommitmentLogHead>({ count: u32, root: digest }));
export const NO_COMMITMENTS: CommitmentLogHead = { count: 0, root: rootOf(buildLevels([])) };
