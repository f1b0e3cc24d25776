/** Tables of compute sockets; memories from 30 on. */
import { accountField, accountKey } from '../../src/core/account';
import { cachedCell } from '../../src/core/cached_cell';
import {
    blob,
    bool,
    bytesKey,
    codecOf,
    list,
    optional,
    principal,
    record,
    text,
    u64,
    u64Key
} from '../../src/core/codec';
import type { TableFactory } from '../../src/core/table';
import type { Approval, Holding, PendingMint, Socket } from './domain/socket';
import type { GatewayTables } from './domain/tables';
import { dueKey } from './queue_codecs';

const socket = record<Socket>({
    id: u64,
    owner: accountField,
    appId: text,
    unitPriceCredits: u64,
    minted: u64,
    left: u64,
    reserved: u64,
    mintedAtNs: u64,
    isFunded: bool,
    next: u64,
    previous: u64
});

const pendingMint = record<PendingMint>({
    requestId: u64,
    minter: principal,
    to: accountField,
    appId: text,
    units: u64,
    unitPriceCredits: u64
});

const approvals = codecOf(
    list(
        record<Approval>({
            spender: accountField,
            expiresAtNs: optional(u64),
            memo: optional(blob),
            createdAtNs: u64
        })
    )
);

type SocketTables = Pick<
    GatewayTables,
    | 'sockets'
    | 'holdings'
    | 'nextSocketId'
    | 'pendingMints'
    | 'tokenApprovals'
    | 'collectionApprovals'
    | 'tokenWindow'
    | 'nextTransaction'
>;

export function openSocketTables(factory: TableFactory): SocketTables {
    return {
        sockets: factory.table(30, u64Key, codecOf(socket)),
        holdings: factory.table(31, accountKey, codecOf(record<Holding>({ first: u64, last: u64, count: u64 }))),
        pendingMints: factory.ordered(32, dueKey, codecOf(pendingMint)),
        tokenApprovals: factory.table(33, u64Key, approvals),
        collectionApprovals: factory.table(34, accountKey, approvals),
        tokenWindow: factory.ordered(35, bytesKey, u64Key),
        nextSocketId: cachedCell(factory.cell('next_socket_id', u64Key, 1n)),
        nextTransaction: cachedCell(factory.cell('next_transaction', u64Key, 0n))
    };
}
