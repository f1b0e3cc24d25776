import { assemble } from '../../ic/support/network';

/** Instructions of `$burn 1`: memory that is filled uses them up fastest. */
const INSTRUCTIONS_PER_BURN = 200_000;
const burns = (instructions: number): number => Math.ceil(instructions / INSTRUCTIONS_PER_BURN);

/** Of `slow` and its like: several slices of a query, and far below its limit. */
export const LONG_INSTRUCTIONS = 600_000_000;

/** 0: the counter, 16: a method's name, 64 and up: scratch. */
const source = `(module
    (import "ic0" "msg_reply" (func $reply))
    (import "ic0" "msg_reply_data_append" (func $append (param i32 i32)))
    (import "ic0" "msg_arg_data_size" (func $arg_size (result i32)))
    (import "ic0" "msg_arg_data_copy" (func $arg_copy (param i32 i32 i32)))
    (import "ic0" "data_certificate_size" (func $certificate_size (result i32)))
    (import "ic0" "data_certificate_copy" (func $certificate_copy (param i32 i32 i32)))
    (import "ic0" "call_new" (func $call_new (param i32 i32 i32 i32 i32 i32 i32 i32)))
    (import "ic0" "call_data_append" (func $call_append (param i32 i32)))
    (import "ic0" "call_cycles_add128" (func $call_cycles (param i64 i64)))
    (import "ic0" "call_perform" (func $call_perform (result i32)))
    (import "ic0" "stable64_grow" (func $stable_grow (param i64) (result i64)))
    (import "ic0" "stable64_write" (func $stable_write (param i64 i64 i64)))
    (import "ic0" "stable64_read" (func $stable_read (param i64 i64 i64)))
    (import "ic0" "accept_message" (func $accept))
    (memory 8)
    (data (i32.const 16) "read") (data (i32.const 32) "http_request")
    (table funcref (elem $pass_on))
    (func $burn (param $times i32)
        (loop $again
            (memory.fill (i32.const 200000) (i32.const 1) (i32.const ${INSTRUCTIONS_PER_BURN}))
            (local.set $times (i32.sub (local.get $times) (i32.const 1)))
            (br_if $again (i32.ne (local.get $times) (i32.const 0)))))
    (func $arg (call $arg_copy (i32.const 64) (i32.const 0) (call $arg_size)))
    (func $pass_on (param i32) (call $arg) (call $append (i32.const 64) (call $arg_size)) (call $reply))
    (func $append_state
        (call $append (i32.const 0) (i32.const 8))
        (call $stable_read (i64.const 8) (i64.const 0) (i64.const 8))
        (call $append (i32.const 8) (i32.const 8)))
    (func (export "canister_init") (drop (call $stable_grow (i64.const 1))))
    (func (export "canister_update inc")
        (i64.store (i32.const 0) (i64.add (i64.load (i32.const 0)) (i64.const 1)))
        (call $stable_write (i64.const 0) (i64.const 0) (i64.const 8)) (call $reply))
    (func (export "canister_query read") (call $append_state) (call $reply))
    (func (export "canister_query slow")
        (call $append_state) (call $burn (i32.const ${burns(LONG_INSTRUCTIONS)})) (call $append_state) (call $reply))
    (func (export "canister_query loop") (call $burn (i32.const -1)))
    (func (export "canister_query late_trap")
        (i64.store (i32.const 0) (i64.const 99)) (call $stable_write (i64.const 0) (i64.const 0) (i64.const 8))
        (call $burn (i32.const ${burns(LONG_INSTRUCTIONS)})) unreachable)
    (func (export "canister_query bomb") (local $at i32)
        (loop $again
            (drop (memory.grow (i32.const 16)))
            (memory.fill (local.get $at) (i32.const 1) (i32.const 1048576))
            (local.set $at (i32.add (local.get $at) (i32.const 1048576)))
            (br_if $again (i32.lt_u (local.get $at) (i32.const 1000000000))))
        unreachable)
    (func (export "canister_query certified")
        (call $burn (i32.const ${burns(LONG_INSTRUCTIONS)}))
        (call $certificate_copy (i32.const 64) (i32.const 0) (call $certificate_size))
        (call $append (i32.const 64) (call $certificate_size)) (call $reply))
    (func (export "canister_composite_query compose")
        (call $burn (i32.const ${burns(LONG_INSTRUCTIONS)}))
        (call $arg)
        (call $call_new (i32.const 64) (call $arg_size) (i32.const 16) (i32.const 4)
            (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
        (drop (call $call_perform)))
    (func (export "canister_update fetch")
        (call $arg)
        (call $call_new (i32.const 64) (i32.const 0) (i32.const 32) (i32.const 12)
            (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
        (call $call_append (i32.const 64) (call $arg_size))
        (call $call_cycles (i64.const 0) (i64.const 1000000000000))
        (drop (call $call_perform)))
    (func (export "canister_query reshape")
        (call $burn (i32.const ${burns(LONG_INSTRUCTIONS)})) (call $append_state) (call $reply))
    EXTRA)`;

const extras = {
    nothing: '',
    slowInspection: `(func (export "canister_inspect_message") (call $burn (i32.const ${burns(150_000_000)})) (call $accept))`,
    endlessInspection: '(func (export "canister_inspect_message") (call $burn (i32.const -1)))',
    refusingInspection: '(func (export "canister_inspect_message"))'
} as const;

/** A canister that takes its time. Its state is a counter, in its heap and in its stable memory. */
export function slowCanister(extra: keyof typeof extras = 'nothing'): Promise<Uint8Array> {
    return assemble(source.replace('EXTRA', extras[extra]));
}

/** The counter as the canister replied with it: in the heap, in stable memory, and both again where it replied twice. */
export function countersOf(reply: Uint8Array): readonly number[] {
    const view = new DataView(reply.buffer, reply.byteOffset, reply.byteLength);
    return Array.from({ length: reply.length / 8 }, (_, i) => Number(view.getBigUint64(8 * i, true)));
}
