import { IDL } from 'azle';
import { answer } from './answers';
import { HOLD_ERRORS, JobView, SUBMIT_ERRORS, type Opt } from './idl';
import { TokenAccount } from './idl_icrc7';

/** Candid types of compute sockets besides the standards'. */
export const MintSocketArgs = IDL.Record({ app_id: IDL.Text, units: IDL.Nat64, to: IDL.Opt(TokenAccount) });
export interface MintSocketArgs {
    app_id: string;
    units: bigint;
    /** Its first owner; absent: the caller. */
    to: Opt<TokenAccount>;
}

export const SocketView = IDL.Record({
    socket_id: IDL.Nat64,
    owner: TokenAccount,
    app_id: IDL.Text,
    unit_price_credits: IDL.Nat64,
    units_minted: IDL.Nat64,
    units_left: IDL.Nat64,
    units_reserved: IDL.Nat64,
    funded: IDL.Bool,
    minted_at_ns: IDL.Nat64
});
export interface SocketView {
    socket_id: bigint;
    owner: TokenAccount;
    app_id: string;
    unit_price_credits: bigint;
    units_minted: bigint;
    units_left: bigint;
    /** Of jobs that have not ended. */
    units_reserved: bigint;
    /** It can be used: the hub has its price in the socket's purse. */
    funded: boolean;
    minted_at_ns: bigint;
}

export const MintSocketAnswer = answer<SocketView>(SocketView)(
    'Anonymous',
    'AppNotFound',
    'InvalidArgument',
    ...HOLD_ERRORS
);
export const UseSocketAnswer = answer<JobView>(JobView)(...SUBMIT_ERRORS, 'NotFound', 'AppMismatch', 'Exhausted');
export const GetSocketAnswer = answer<SocketView>(SocketView)('NotFound');
