import { IDL } from 'azle';
import { query, update } from '../../../src/azle/endpoint';
import { err, mapOk, ok } from '../../../src/core/result';
import type { App } from '../domain/app';
import { listApps, registerApp } from '../domain/apps';
import { env, tables } from '../wiring';
import { AppView, GetAppAnswer, RegisterAppAnswer, RegisterAppArgs } from './idl_apps';
import { fromRegisterAppArgs, signedIn, toAppView } from './mappers';

export class Apps {
    /** Anyone signed in: the caller becomes the app's developer. */
    @update([RegisterAppArgs], RegisterAppAnswer.idl)
    register_app(args: RegisterAppArgs) {
        const developer = signedIn(env.caller());
        if (!developer.ok) return RegisterAppAnswer.of(developer);
        const app = registerApp(tables, fromRegisterAppArgs(args), developer.value, env.nowNs());
        return RegisterAppAnswer.of(mapOk(app, view));
    }

    /** Anyone. */
    @query([IDL.Text], GetAppAnswer.idl)
    get_app(appId: string) {
        const app = tables.appsById.get(appId);
        return GetAppAnswer.of(app === undefined ? err({ kind: 'NotFound' }) : ok(view(app)));
    }

    /** Anyone; at most 100 at a time. */
    @query([IDL.Nat64, IDL.Nat64], IDL.Vec(AppView))
    list_apps(start: bigint, take: bigint): AppView[] {
        return listApps(tables, start, take).map(view);
    }
}

function view(app: App): AppView {
    return toAppView(app, tables.limits.get(), tables.requirements.get(app.appId));
}
