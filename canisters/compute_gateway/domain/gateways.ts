import type { Principal } from '@dfinity/principal';
import { err, ok, type Result } from '../../../src/core/result';
import type { ErrorOf } from './errors';
import type { GatewayTables } from './tables';

const MAX_GATEWAYS = 64n;

/** Whether the principal may submit jobs for the owners of API keys. */
export function isGateway(tables: GatewayTables, who: Principal): boolean {
    return tables.gateways.get().some((gateway) => gateway.compareTo(who) === 'eq');
}

export function addGateway(
    tables: GatewayTables,
    who: Principal
): Result<void, ErrorOf<'AlreadyExists' | 'TooManyGateways' | 'InvalidArgument'>> {
    if (who.isAnonymous()) return err({ kind: 'InvalidArgument', reason: 'anonymous' });
    if (isGateway(tables, who)) return err({ kind: 'AlreadyExists' });
    const gateways = tables.gateways.get();
    if (BigInt(gateways.length) >= MAX_GATEWAYS) return err({ kind: 'TooManyGateways', max: MAX_GATEWAYS });
    tables.gateways.set([...gateways, who]);
    return ok(undefined);
}

export function removeGateway(tables: GatewayTables, who: Principal): Result<void, ErrorOf<'NotFound'>> {
    if (!isGateway(tables, who)) return err({ kind: 'NotFound' });
    tables.gateways.set(tables.gateways.get().filter((gateway) => gateway.compareTo(who) !== 'eq'));
    return ok(undefined);
}
