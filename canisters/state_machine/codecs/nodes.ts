/** Codecs of what every report and every vote touches: written field by field, which costs a fifth of the composed ones. */
import { Principal } from '@dfinity/principal';
import { accountField } from '../../../src/core/account';
import {
    blob,
    bool,
    codecOf,
    CorruptBytes,
    optional,
    record,
    text,
    u32,
    u64,
    type Codec
} from '../../../src/core/codec';
import type { DueKey } from '../domain/due_key';
import type { NewcomerNote } from '../domain/newcomers';
import { type NodeProfile, type NodeRecord, type Presence, type WalletProposal } from '../domain/records';
import { NODE_CLASSES, NODE_STATUSES } from '../domain/status';

const NODE_BYTES = 34;

export const nodeCodec: Codec<NodeRecord> = {
    encode(node) {
        const bytes = new Uint8Array(NODE_BYTES);
        const view = new DataView(bytes.buffer);
        bytes[0] = NODE_CLASSES.indexOf(node.nodeClass);
        bytes[1] = NODE_STATUSES.indexOf(node.status);
        view.setBigUint64(2, node.statusSinceNs);
        view.setBigUint64(10, node.eValueE8);
        view.setBigUint64(18, node.factsVersion);
        view.setBigUint64(26, node.lastPocNs);
        return bytes;
    },
    decode(bytes) {
        const view = viewOf(bytes, NODE_BYTES, 'a node');
        return {
            nodeClass: named(NODE_CLASSES, bytes[0]),
            status: named(NODE_STATUSES, bytes[1]),
            statusSinceNs: view.getBigUint64(2),
            eValueE8: view.getBigUint64(10),
            factsVersion: view.getBigUint64(18),
            lastPocNs: view.getBigUint64(26)
        };
    }
};

const PRESENCE_BYTES = 24;

export const presenceCodec: Codec<Presence> = {
    encode(presence) {
        const bytes = new Uint8Array(PRESENCE_BYTES + presence.about.length);
        const view = new DataView(bytes.buffer);
        view.setBigUint64(0, presence.lastStatusNs);
        view.setBigUint64(8, presence.lastConsensusNs);
        view.setUint32(16, presence.queueDepth);
        view.setUint32(20, presence.capacity);
        bytes.set(presence.about, PRESENCE_BYTES);
        return bytes;
    },
    decode(bytes) {
        const view = viewOf(bytes, PRESENCE_BYTES, 'a presence');
        return {
            lastStatusNs: view.getBigUint64(0),
            lastConsensusNs: view.getBigUint64(8),
            queueDepth: view.getUint32(16),
            capacity: view.getUint32(20),
            about: bytes.subarray(PRESENCE_BYTES)
        };
    }
};

/** A view of bytes that must be at least so many. */
export function viewOf(bytes: Uint8Array, least: number, what: string): DataView {
    if (bytes.length < least) throw new CorruptBytes(what, bytes.length);
    return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The name at a stored position. */
export function named<Name extends string>(names: readonly Name[], position: number | undefined): Name {
    const name = names[position ?? names.length];
    if (name === undefined) throw new CorruptBytes(`one of ${names.join(', ')}`, position ?? 0);
    return name;
}

export const profileCodec = codecOf(
    record<NodeProfile>({
        publicKey: blob,
        region: text,
        bandwidthMbps: u32,
        registeredAtNs: u64,
        wallet: optional(accountField)
    })
);

export const proposalCodec = codecOf(record<WalletProposal>({ account: accountField, expiresAtNs: u64 }));

export const newcomerNoteCodec = codecOf(record<NewcomerNote>({ dueNs: u64, hasNotice: bool }));

export const dueKey = codecOf(record<DueKey>({ atNs: u64, id: u64 }));

/** As `principalKey` of the codecs, for keys that are built for every message: the bytes behind their length. */
export const nodeKey: Codec<Principal> = {
    encode(node) {
        const id = node.toUint8Array();
        const bytes = new Uint8Array(id.length + 1);
        bytes[0] = id.length;
        bytes.set(id, 1);
        return bytes;
    },
    decode: (bytes) => Principal.fromUint8Array(bytes.slice(1))
};
