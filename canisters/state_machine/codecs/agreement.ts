/** Codecs of the agreement. Those that every vote touches are written field by field; see `nodes.ts`. */
import { DIGEST_BYTES } from '../../../src/core/consensus/merkle';
import {
    codecOf,
    fixedBytes,
    list,
    oneOf,
    optional,
    principal,
    record,
    u32,
    u64,
    type Codec
} from '../../../src/core/codec';
import {
    MISDEEDS,
    type AgreementTip,
    type Evidence,
    type EvidenceKey,
    type ItemCursors,
    type Membership,
    type ProposalRecord,
    type RoundKey
} from '../domain/agreement_records';
import type { ValidatorBatch } from '../domain/validator_batch';
import { viewOf } from './nodes';

export const membersCodec = codecOf(list(principal));
export const membershipCodec = codecOf(record<Membership>({ version: u32, changedNs: u64, members: list(principal) }));
export const NO_MEMBERS: Membership = { version: 0, changedNs: 0n, members: [] };

export const batchCodec = codecOf(optional(record<ValidatorBatch>({ openedNs: u64, applicants: list(principal) })));

/** Until the installation has given the log its id. */
export const NO_CHAIN = new Uint8Array(DIGEST_BYTES);

export const FIRST_TIP: AgreementTip = {
    height: 1n,
    setVersion: 0,
    round: 0,
    startedNs: 0n,
    proposedNs: undefined,
    base: 0,
    parentHash: NO_CHAIN,
    cursors: [0n, 0n, 0n]
};

const CURSOR_BYTES = 24;

function writeCursors(view: DataView, at: number, cursors: ItemCursors): void {
    view.setBigUint64(at, cursors[0]);
    view.setBigUint64(at + 8, cursors[1]);
    view.setBigUint64(at + 16, cursors[2]);
}

function readCursors(view: DataView, at: number): ItemCursors {
    return [view.getBigUint64(at), view.getBigUint64(at + 8), view.getBigUint64(at + 16)];
}

const TIP_CURSORS_AT = 36;
const TIP_PARENT_AT = TIP_CURSORS_AT + CURSOR_BYTES;
const TIP_BYTES = TIP_PARENT_AT + DIGEST_BYTES;

/** No proposal came at the time 0. */
export const tipCodec: Codec<AgreementTip> = {
    encode(tip) {
        const bytes = new Uint8Array(TIP_BYTES);
        const view = new DataView(bytes.buffer);
        view.setBigUint64(0, tip.height);
        view.setUint32(8, tip.round);
        view.setUint32(12, tip.base);
        view.setBigUint64(16, tip.startedNs);
        view.setBigUint64(24, tip.proposedNs ?? 0n);
        view.setUint32(32, tip.setVersion);
        writeCursors(view, TIP_CURSORS_AT, tip.cursors);
        bytes.set(tip.parentHash, TIP_PARENT_AT);
        return bytes;
    },
    decode(bytes) {
        const view = viewOf(bytes, TIP_BYTES, 'a tip');
        const proposedNs = view.getBigUint64(24);
        return {
            height: view.getBigUint64(0),
            round: view.getUint32(8),
            base: view.getUint32(12),
            startedNs: view.getBigUint64(16),
            proposedNs: proposedNs === 0n ? undefined : proposedNs,
            setVersion: view.getUint32(32),
            cursors: readCursors(view, TIP_CURSORS_AT),
            parentHash: bytes.slice(TIP_PARENT_AT, TIP_BYTES)
        };
    }
};

const FIXED_BYTES = 32 + CURSOR_BYTES;
const HASHES_BYTES = 3 * DIGEST_BYTES;
const VOTES_AT = FIXED_BYTES + HASHES_BYTES;

export const proposalCodec: Codec<ProposalRecord> = {
    encode(proposal) {
        const width = proposal.yes.length;
        const bytes = new Uint8Array(VOTES_AT + 2 * width);
        const view = new DataView(bytes.buffer);
        view.setUint32(0, proposal.round);
        view.setUint32(4, proposal.proposer);
        view.setUint32(8, proposal.setVersion);
        view.setUint32(12, proposal.itemCount);
        view.setBigUint64(16, proposal.proposedNs);
        view.setBigUint64(24, proposal.finalNs);
        writeCursors(view, 32, proposal.cursors);
        bytes.set(proposal.hash, FIXED_BYTES);
        bytes.set(proposal.parentHash, FIXED_BYTES + DIGEST_BYTES);
        bytes.set(proposal.payloadRoot, FIXED_BYTES + 2 * DIGEST_BYTES);
        bytes.set(proposal.yes, VOTES_AT);
        bytes.set(proposal.no, VOTES_AT + width);
        return bytes;
    },
    decode(bytes) {
        const view = viewOf(bytes, VOTES_AT, 'a proposal');
        const votesEnd = VOTES_AT + (bytes.length - VOTES_AT) / 2;
        return {
            round: view.getUint32(0),
            proposer: view.getUint32(4),
            setVersion: view.getUint32(8),
            itemCount: view.getUint32(12),
            proposedNs: view.getBigUint64(16),
            finalNs: view.getBigUint64(24),
            cursors: readCursors(view, 32),
            hash: bytes.slice(FIXED_BYTES, FIXED_BYTES + DIGEST_BYTES),
            parentHash: bytes.slice(FIXED_BYTES + DIGEST_BYTES, FIXED_BYTES + 2 * DIGEST_BYTES),
            payloadRoot: bytes.slice(FIXED_BYTES + 2 * DIGEST_BYTES, VOTES_AT),
            yes: bytes.slice(VOTES_AT, votesEnd),
            no: bytes.slice(votesEnd)
        };
    }
};

const ROUND_KEY_BYTES = 12;

export const roundKey: Codec<RoundKey> = {
    encode({ height, round }) {
        const bytes = new Uint8Array(ROUND_KEY_BYTES);
        const view = new DataView(bytes.buffer);
        view.setBigUint64(0, height);
        view.setUint32(8, round);
        return bytes;
    },
    decode(bytes) {
        const view = viewOf(bytes, ROUND_KEY_BYTES, 'a round');
        return { height: view.getBigUint64(0), round: view.getUint32(8) };
    }
};

const misdeed = oneOf(MISDEEDS);
const digest = fixedBytes(DIGEST_BYTES);

export const evidenceCodec = codecOf(
    record<Evidence>({
        validator: principal,
        height: u64,
        round: u32,
        misdeed,
        firstHash: digest,
        secondHash: digest,
        seenNs: u64
    })
);

export const evidenceKey = codecOf(record<EvidenceKey>({ validator: principal, height: u64, round: u32, misdeed }));
