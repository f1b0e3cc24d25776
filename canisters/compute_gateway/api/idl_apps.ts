import { IDL } from 'azle';
import type { Principal } from '@dfinity/principal';
import { APP_KINDS, type AppKind } from '../domain/app';
import { answer } from './answers';
import { tags, type Opt, type Tags } from './idl';
import { CandidRequirements } from './idl_requirements';

const Blob = IDL.Vec(IDL.Nat8);
const AppKindTag = tags(APP_KINDS);
const appTerms = {
    app_id: IDL.Text,
    kind: AppKindTag,
    model_hash: Blob,
    unit: IDL.Text,
    unit_price_credits: IDL.Nat64,
    max_units: IDL.Nat64,
    lease_s: IDL.Nat64,
    requirements: IDL.Opt(CandidRequirements)
};

/** Absent `exec_limit_s`: 300 s for chats and completions, two hours for all else. */
export const RegisterAppArgs = IDL.Record({ ...appTerms, exec_limit_s: IDL.Opt(IDL.Nat64) });
export interface RegisterAppArgs {
    app_id: string;
    kind: Tags<AppKind>;
    model_hash: Uint8Array;
    unit: string;
    unit_price_credits: bigint;
    max_units: bigint;
    lease_s: bigint;
    requirements: Opt<CandidRequirements>;
    /** Longest run of one attempt, in seconds. */
    exec_limit_s: Opt<bigint>;
}

/** `exec_limit_s`: how long one attempt may run, from its claim on. */
export const AppView = IDL.Record({
    ...appTerms,
    exec_limit_s: IDL.Nat64,
    developer: IDL.Principal,
    registered_at_ns: IDL.Nat64
});
export interface AppView extends Omit<RegisterAppArgs, 'exec_limit_s'> {
    exec_limit_s: bigint;
    developer: Principal;
    registered_at_ns: bigint;
}

export const RegisterAppAnswer = answer<AppView>(AppView)(
    'Anonymous',
    'InvalidArgument',
    'AlreadyExists',
    'TooManyApps'
);
export const GetAppAnswer = answer<AppView>(AppView)('NotFound');
