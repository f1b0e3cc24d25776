import type { Principal } from '@dfinity/principal';
import { samePrincipal } from '../../../src/core/principals';
import { err, ok, type Result } from '../../../src/core/result';
import type { ErrorOf } from './errors';
import type { GatewayTables } from './tables';

const MAX_GATEWAYS = 64n;

/** Whether the principal may submit jobs for the owners of API keys. */
export function isGateway(tables: GatewayTables, who: Principal): boolean {
    return tables.gateways.get().some((gateway) => samePrincipal(gateway, who));
}

/** Longest address of a gateway; it travels with leases. */
const MAX_URL_LENGTH = 256;
const URL_SHAPE = /^https?:\/\/[A-Za-z0-9.:[\]_-]+(\/[A-Za-z0-9._~/-]*)?$/;

/** A gateway says where it takes results directly, or that it does not any more. */
export function setGatewayUrl(
    tables: GatewayTables,
    gateway: Principal,
    url: string | undefined
): Result<void, ErrorOf<'Unauthorized' | 'InvalidArgument'>> {
    if (!isGateway(tables, gateway)) return err({ kind: 'Unauthorized' });
    if (url === undefined) {
        tables.gatewayUrls.delete(gateway);
        return ok(undefined);
    }
    if (url.length > MAX_URL_LENGTH || !URL_SHAPE.test(url)) return err({ kind: 'InvalidArgument', reason: 'url' });
    tables.gatewayUrls.set(gateway, url);
    return ok(undefined);
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
    tables.gateways.set(tables.gateways.get().filter((gateway) => !samePrincipal(gateway, who)));
    tables.gatewayUrls.delete(who);
    return ok(undefined);
}
