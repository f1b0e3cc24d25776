import type { Principal } from '@dfinity/principal';
import { collectPage } from '../../../src/core/page';
import { err, ok, type Result } from '../../../src/core/result';
import { checkAppSpec, usualExecLimitS, type App, type AppSpec } from './app';
import type { ErrorOf } from './errors';
import type { GatewayTables } from './tables';

/** Registers an app for good. Its id and its model belong to the first who registers them (domain.md C.5). */
export function registerApp(
    tables: GatewayTables,
    spec: AppSpec,
    developer: Principal,
    nowNs: bigint
): Result<App, ErrorOf<'InvalidArgument' | 'AlreadyExists' | 'TooManyApps'>> {
    const limits = tables.limits.get();
    const checked = checkAppSpec(spec, limits);
    if (!checked.ok) return checked;
    const isTaken = tables.appsById.has(spec.appId) || tables.appIdsByModelHash.has(spec.modelHash);
    if (isTaken) return err({ kind: 'AlreadyExists' });
    const count = tables.appsByDeveloper.get(developer) ?? 0n;
    const max = limits.maxAppsPerDeveloper;
    if (count >= max) return err({ kind: 'TooManyApps', max });
    tables.appsByDeveloper.set(developer, count + 1n);
    const { requirements, execLimitS = usualExecLimitS(spec), ...terms } = spec;
    const app = { ...terms, execLimitS, developer, registeredAtNs: nowNs };
    if (requirements !== undefined) tables.requirements.set(app.appId, requirements);
    tables.appsById.set(app.appId, app);
    tables.appIdsByModelHash.set(app.modelHash, app.appId);
    tables.appIds.append(app.appId);
    return ok(app);
}

/** Apps in the order of their registration; at most a page. */
export function listApps(tables: GatewayTables, start: bigint, take: bigint): readonly App[] {
    return collectPage(start, take, tables.appIds.length(), (index) => {
        const appId = tables.appIds.get(index);
        return appId === undefined ? undefined : tables.appsById.get(appId);
    });
}
