/** The interface of counter.mo, as `moc` prints it. */
import type { IDL as Idl } from '@icp-sdk/core/candid';
import type { Principal } from '@icp-sdk/core/principal';

export interface MotokoCounter {
    accept(): Promise<bigint>;
    allocate(items: bigint): Promise<bigint>;
    caught(other: Principal): Promise<[string, string]>;
    entropy(): Promise<Uint8Array>;
    get(): Promise<bigint>;
    getThrough(other: Principal): Promise<bigint>;
    guarded(text: string): Promise<void>;
    increment(): Promise<bigint>;
    incrementAndTrap(): Promise<bigint>;
    incrementTwice(other: Principal): Promise<bigint>;
    pay(other: Principal): Promise<[bigint, bigint]>;
    startTicking(): Promise<void>;
    tickCount(): Promise<bigint>;
    trapAfterAwait(): Promise<bigint>;
    upgradeCount(): Promise<bigint>;
    whoami(): Promise<Principal>;
}

export const counterIdl: Idl.InterfaceFactory = ({ IDL }) => {
    const Counter = IDL.Rec();
    const update = (answer: Idl.Type): Idl.FuncClass => IDL.Func([], [answer]);
    const query = (answer: Idl.Type): Idl.FuncClass => IDL.Func([], [answer], ['query']);
    const onOther = (...answers: [Idl.Type, ...Idl.Type[]]): Idl.FuncClass => IDL.Func([Counter], answers);
    const service = IDL.Service({
        accept: update(IDL.Nat),
        allocate: IDL.Func([IDL.Nat], [IDL.Nat]),
        caught: onOther(IDL.Text, IDL.Text),
        entropy: update(IDL.Vec(IDL.Nat8)),
        get: query(IDL.Nat),
        getThrough: IDL.Func([Counter], [IDL.Nat], ['composite_query']),
        guarded: IDL.Func([IDL.Text], []),
        increment: update(IDL.Nat),
        incrementAndTrap: update(IDL.Nat),
        incrementTwice: onOther(IDL.Nat),
        pay: onOther(IDL.Nat, IDL.Nat),
        startTicking: IDL.Func([], []),
        tickCount: query(IDL.Nat),
        trapAfterAwait: update(IDL.Nat),
        upgradeCount: query(IDL.Nat),
        whoami: query(IDL.Principal)
    });
    Counter.fill(service);
    return service;
};
