/** A network for tests, and the few things that every test does with it. */
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import wabtFactory from 'wabt';
import {
    InternetComputer,
    type IngressStatus,
    type NetworkConfig,
    type SubmitResult
} from '../../../../src/replica/ic';
import type { NativeCanister } from '../../../../src/replica/state/native';
import { scriptedWat } from './scripted_wat';

export const managementId: Uint8Array = new Uint8Array(0);
export const alice: Uint8Array = new Uint8Array(
    Buffer.from('a11ce0000000000000000000000000000000000000000000000000002', 'hex')
);
export const bob: Uint8Array = new Uint8Array([...Buffer.alloc(28, 7), 2]);
export const trillion = 1_000_000_000_000n;

/** Compiles WebAssembly text. */
export async function assemble(wat: string): Promise<Uint8Array> {
    const wabt = await wabtFactory();
    const module = wabt.parseWat('test.wat', wat, { bulk_memory: true, mutable_globals: true });
    return new Uint8Array(module.toBinary({}).buffer);
}

const extraExports = {
    heartbeat: '(export "canister_heartbeat" (func $heartbeat))',
    inspect: '(export "canister_inspect_message" (func $run_argument))',
    lowMemory: '(export "canister_on_low_wasm_memory" (func $heartbeat))'
};

/** The scripted canister, with the entry points that only some tests want. */
export function scripted(...extras: readonly (keyof typeof extraExports)[]): Promise<Uint8Array> {
    return assemble(scriptedWat.replace('EXTRA_EXPORTS', extras.map((name) => extraExports[name]).join(' ')));
}

export const networkConfig: NetworkConfig = {
    subnetId: new Uint8Array([...Buffer.alloc(28, 1), 2]),
    rootKeyDer: new Uint8Array(133),
    nodeIds: [new Uint8Array([...Buffer.alloc(28, 2), 2])],
    seed: new Uint8Array(32)
};

export function newNetwork(
    overrides: Partial<NetworkConfig> = {},
    natives: readonly NativeCanister[] = []
): TestNetwork {
    return new TestNetwork(new InternetComputer({ ...networkConfig, ...overrides }, natives));
}

interface Send {
    readonly to: Uint8Array;
    readonly method: string;
    readonly argument?: Uint8Array;
    readonly from?: Uint8Array;
    readonly effective?: Uint8Array;
}

/** Sends messages under fresh request ids and runs rounds until they are answered. */
export class TestNetwork {
    private sent = 0;

    constructor(readonly ic: InternetComputer) {}

    /** The same tests on another state machine; request ids go on. */
    continuedBy(ic: InternetComputer): TestNetwork {
        const next = new TestNetwork(ic);
        next.sent = this.sent;
        return next;
    }

    submit({
        to,
        method,
        argument = new Uint8Array(0),
        from = alice,
        effective = to
    }: Send): [SubmitResult, Uint8Array] {
        this.sent += 1;
        const requestId = new Uint8Array(32);
        new DataView(requestId.buffer).setUint32(0, this.sent);
        const result = this.ic.submitIngress({
            requestId,
            sender: from,
            canisterId: to,
            effectiveCanisterId: effective,
            methodName: method,
            argument,
            ingressExpiryNs: this.ic.currentTimeNs() + 300_000_000_000n
        });
        return [result, requestId];
    }

    /** The final status; a refusal before execution reads like a rejection. */
    send(message: Send): IngressStatus {
        const [result, requestId] = this.submit(message);
        if (result.kind === 'rejected') return { kind: 'rejected', rejection: result.rejection };
        this.ic.runUntilIdle();
        return this.ic.ingressStatus(requestId);
    }

    run(to: Uint8Array, script: Uint8Array, from = alice): IngressStatus {
        return this.send({ to, method: 'run', argument: script, from });
    }

    ask(to: Uint8Array, script: Uint8Array, method = 'ask'): IngressStatus {
        const result = this.ic.query({ sender: alice, canisterId: to, methodName: method, argument: script });
        return result;
    }

    /** A management call; `argument` is any Candid value of the type. */
    manage(method: string, type: IDL.Type, argument: unknown, target: Uint8Array, from = alice): IngressStatus {
        return this.send({
            to: managementId,
            method,
            argument: IDL.encode([type], [argument]),
            from,
            effective: target
        });
    }

    create(amount = 100n * trillion, from = alice): Uint8Array {
        const type = IDL.Record({ amount: IDL.Opt(IDL.Nat) });
        const effective = this.ic.defaultEffectiveCanisterId();
        const method = 'provisional_create_canister_with_cycles';
        const status = this.manage(method, type, { amount: [amount] }, effective, from);
        const [created] = IDL.decode([IDL.Record({ canister_id: IDL.Principal })], replied(status));
        return (created as unknown as { canister_id: Principal }).canister_id.toUint8Array();
    }

    install(canisterId: Uint8Array, wasm: Uint8Array, options: InstallOptions = {}): IngressStatus {
        const argument = installArgument(canisterId, wasm, options);
        return this.manage('install_code', installType, argument, canisterId, options.from);
    }

    /** Submits the installation without running a round; returns the request id. */
    installLater(canisterId: Uint8Array, wasm: Uint8Array, options: InstallOptions = {}): Uint8Array {
        const argument = IDL.encode([installType], [installArgument(canisterId, wasm, options)]);
        return this.submit({ to: managementId, method: 'install_code', argument, effective: canisterId })[1];
    }

    /** Asks for the first free id, or for a given one. */
    createAt(specifiedId: Uint8Array): IngressStatus {
        const type = IDL.Record({ specified_id: IDL.Opt(IDL.Principal) });
        const argument = { specified_id: [Principal.fromUint8Array(specifiedId)] };
        return this.manage('provisional_create_canister_with_cycles', type, argument, specifiedId);
    }

    /** Submits a management call about the canister without running a round; returns the request id. */
    manageLater(method: string, canisterId: Uint8Array): Uint8Array {
        const argument = this.canisterArgument(canisterId);
        const [, requestId] = this.submit({ to: managementId, method, argument, effective: canisterId });
        return requestId;
    }

    /** `record { canister_id }`, encoded. */
    canisterArgument(canisterId: Uint8Array): Uint8Array {
        return IDL.encode([canisterType], [{ canister_id: Principal.fromUint8Array(canisterId) }]);
    }

    /** `record {}`, encoded. */
    emptyRecord(): Uint8Array {
        return IDL.encode([IDL.Record({})], [{}]);
    }

    principal(id: Uint8Array): Principal {
        return Principal.fromUint8Array(id);
    }

    /** A new canister with the module installed. */
    deploy(wasm: Uint8Array, amount = 100n * trillion, argument?: Uint8Array): Uint8Array {
        const canisterId = this.create(amount);
        replied(this.install(canisterId, wasm, { argument }));
        return canisterId;
    }

    lifecycle(method: string, canisterId: Uint8Array, from = alice): IngressStatus {
        return this.manage(
            method,
            canisterType,
            { canister_id: Principal.fromUint8Array(canisterId) },
            canisterId,
            from
        );
    }

    update(canisterId: Uint8Array, settings: { readonly [name: string]: unknown }, from = alice): IngressStatus {
        const all = Object.fromEntries(Object.keys(settingsFields).map((name) => [name, [] as unknown]));
        const argument = { canister_id: Principal.fromUint8Array(canisterId), settings: { ...all, ...settings } };
        return this.manage('update_settings', settingsType, argument, canisterId, from);
    }

    /** What canister_status says, decoded with the fields that current clients require. */
    status(canisterId: Uint8Array): CanisterStatus {
        const [status] = IDL.decode([statusType], replied(this.lifecycle('canister_status', canisterId)));
        return status as unknown as CanisterStatus;
    }

    logs(canisterId: Uint8Array): readonly string[] {
        const argument = IDL.encode([canisterType], [{ canister_id: Principal.fromUint8Array(canisterId) }]);
        const data = replied(
            this.ic.query({ sender: alice, canisterId: managementId, methodName: 'fetch_canister_logs', argument })
        );
        const [result] = IDL.decode([logsType], data);
        const { canister_log_records: records } = result as unknown as {
            canister_log_records: { content: Uint8Array }[];
        };
        return records.map(({ content }) => Buffer.from(content).toString());
    }
}

interface InstallOptions {
    readonly mode?: 'install' | 'reinstall' | 'upgrade';
    readonly argument?: Uint8Array;
    readonly from?: Uint8Array;
}

export interface CanisterStatus {
    readonly status: { readonly [kind: string]: null };
    readonly version: bigint;
    readonly cycles: bigint;
    readonly memory_size: bigint;
    readonly module_hash: [] | [Uint8Array];
    readonly memory_metrics: { readonly log_memory_store_size: bigint; readonly wasm_memory_size: bigint };
    readonly settings: {
        readonly controllers: readonly Principal[];
        readonly freezing_threshold: bigint;
        readonly wasm_memory_limit: bigint;
        readonly log_memory_limit: bigint;
        readonly environment_variables: readonly { readonly name: string; readonly value: string }[];
    };
}

const canisterType = IDL.Record({ canister_id: IDL.Principal });
const installType = IDL.Record({
    mode: IDL.Variant({ install: IDL.Null, reinstall: IDL.Null, upgrade: IDL.Opt(IDL.Record({})) }),
    canister_id: IDL.Principal,
    wasm_module: IDL.Vec(IDL.Nat8),
    arg: IDL.Vec(IDL.Nat8)
});
function installArgument(canisterId: Uint8Array, wasm: Uint8Array, options: InstallOptions): unknown {
    return {
        mode: { [options.mode ?? 'install']: options.mode === 'upgrade' ? [] : null },
        canister_id: Principal.fromUint8Array(canisterId),
        wasm_module: wasm,
        arg: options.argument ?? new Uint8Array(0)
    };
}
const visibility = IDL.Variant({ controllers: IDL.Null, public: IDL.Null, allowed_viewers: IDL.Vec(IDL.Principal) });
const variables = IDL.Vec(IDL.Record({ name: IDL.Text, value: IDL.Text }));
const settingsFields = {
    controllers: IDL.Opt(IDL.Vec(IDL.Principal)),
    compute_allocation: IDL.Opt(IDL.Nat),
    memory_allocation: IDL.Opt(IDL.Nat),
    freezing_threshold: IDL.Opt(IDL.Nat),
    log_visibility: IDL.Opt(visibility),
    wasm_memory_limit: IDL.Opt(IDL.Nat),
    wasm_memory_threshold: IDL.Opt(IDL.Nat),
    environment_variables: IDL.Opt(variables),
    minimum_incoming_canister_call_cycles: IDL.Opt(IDL.Nat)
};
const settingsType = IDL.Record({ canister_id: IDL.Principal, settings: IDL.Record(settingsFields) });
const statusType = IDL.Record({
    status: IDL.Variant({ running: IDL.Null, stopping: IDL.Null, stopped: IDL.Null }),
    version: IDL.Nat64,
    cycles: IDL.Nat,
    memory_size: IDL.Nat,
    module_hash: IDL.Opt(IDL.Vec(IDL.Nat8)),
    memory_metrics: IDL.Record({ log_memory_store_size: IDL.Nat, wasm_memory_size: IDL.Nat }),
    settings: IDL.Record({
        controllers: IDL.Vec(IDL.Principal),
        freezing_threshold: IDL.Nat,
        wasm_memory_limit: IDL.Nat,
        log_memory_limit: IDL.Nat,
        environment_variables: variables
    })
});
const logsType = IDL.Record({ canister_log_records: IDL.Vec(IDL.Record({ content: IDL.Vec(IDL.Nat8) })) });

class NotReplied extends Error {
    constructor(readonly status: IngressStatus) {
        super(`expected a reply, got ${status.kind} ${status.kind === 'rejected' ? status.rejection.message : ''}`);
    }
}

/** The reply's bytes; fails the test otherwise. */
export function replied(status: IngressStatus): Uint8Array {
    if (status.kind !== 'replied') throw new NotReplied(status);
    return status.data;
}

export function repliedText(status: IngressStatus): string {
    return Buffer.from(replied(status)).toString();
}

/** `IC0xxx` of a rejection, or the kind of any other status. */
export function codeOf(status: IngressStatus): string {
    return status.kind === 'rejected' ? status.rejection.errorCode : status.kind;
}
