import { invariant } from '../../../src/core/assert';
import { unitsUsed, type Job } from './job';
import type { GatewayTables } from './tables';

type Sockets = Pick<GatewayTables, 'sockets'>;

/** A job of a socket begins: its units are set aside. */
export function reserveUnits(tables: Sockets, { socket: id, maxUnits }: Job): void {
    const socket = id === undefined ? undefined : tables.sockets.get(id);
    if (id === undefined || socket === undefined) return;
    invariant(socket.left >= maxUnits, 'G3', 'a socket is overdrawn', id);
    tables.sockets.set(id, { ...socket, left: socket.left - maxUnits, reserved: socket.reserved + maxUnits });
}

/** The job has ended, or never began: what it did not use goes back. */
export function settleUnits(tables: Sockets, job: Job): void {
    const { socket: id, maxUnits } = job;
    const socket = id === undefined ? undefined : tables.sockets.get(id);
    if (id === undefined || socket === undefined) return;
    invariant(socket.reserved >= maxUnits, 'G3', 'a socket gives back twice', id);
    const left = socket.left + maxUnits - unitsUsed(job);
    tables.sockets.set(id, { ...socket, left, reserved: socket.reserved - maxUnits });
}
