/** A canister with every kind of state, and ways to change and to read all of it. */
import type { Sandbox } from '../../../../src/replica/execution';
import { replyNumbers, run } from './canister';

/** Every kind of state that a canister has, changed by exported methods; `state` reports all of it. */
export const STATEFUL = `(module
    (import "ic0" "stable64_grow" (func $stable_grow (param i64) (result i64)))
    (import "ic0" "stable64_size" (func $stable_size (result i64)))
    (import "ic0" "stable64_write" (func $stable_write (param i64 i64 i64)))
    (import "ic0" "stable64_read" (func $stable_read (param i64 i64 i64)))
    (import "ic0" "msg_reply_data_append" (func $append (param i32 i32)))
    (import "ic0" "msg_reply" (func $reply))
    (memory 2 100)
    (global $i (mut i32) (i32.const 1)) (global $l (mut i64) (i64.const 2))
    (global $f (mut f32) (f32.const 3)) (global $d (mut f64) (f64.const 4))
    (type $number (func (result i64)))
    (table $t 4 20 funcref) (elem (table $t) (i32.const 0) func $one $two)
    (elem $passive func $two $one)
    (data $bytes "passive")
    (func $one (type $number) i64.const 1) (func $two (type $number) i64.const 2)
    (func (export "canister_update heap") (i64.store (i32.const 16) (i64.add (i64.load (i32.const 16)) (i64.const 1))))
    (func (export "canister_update globals")
        (global.set $i (i32.add (global.get $i) (i32.const 1))) (global.set $l (i64.add (global.get $l) (i64.const 1)))
        (global.set $f (f32.add (global.get $f) (f32.const 1))) (global.set $d (f64.add (global.get $d) (f64.const 1))))
    (func (export "canister_update grow")
        (drop (memory.grow (i32.const 1)))
        (i32.store (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 4)) (i32.const 9)))
    (func (export "canister_update table")
        (if (ref.is_null (table.get $t (i32.const 2)))
            (then (table.set $t (i32.const 2) (table.get $t (i32.const 0))) (table.set $t (i32.const 0) (ref.func $two)))
            (else (table.set $t (i32.const 0) (table.get $t (i32.const 2))) (table.set $t (i32.const 2) (ref.null func)))))
    (func (export "canister_update table_grow") (drop (table.grow $t (ref.func $one) (i32.const 1))))
    (func (export "canister_update drop") (data.drop $bytes) (elem.drop $passive))
    (func (export "canister_update init_dropped") (memory.init $bytes (i32.const 900) (i32.const 0) (i32.const 7)))
    (func (export "canister_update stable")
        (if (i64.eqz (call $stable_size)) (then (drop (call $stable_grow (i64.const 1)))))
        (call $stable_read (i64.const 24) (i64.const 4090) (i64.const 8))
        (i64.store (i32.const 24) (i64.add (i64.load (i32.const 24)) (i64.const 1)))
        (call $stable_write (i64.const 4090) (i64.const 24) (i64.const 8)))
    (func (export "canister_update stable_grow") (drop (call $stable_grow (i64.const 1))))
    (func $entry (param $place i32) (result i64)
        (if (result i64) (i32.ge_u (local.get $place) (table.size $t)) (then (i64.const -1))
            (else (if (result i64) (ref.is_null (table.get $t (local.get $place))) (then (i64.const 0))
                (else (call_indirect $t (type $number) (local.get $place)))))))
    (func (export "canister_query state")
        (i64.store (i32.const 1000) (i64.load (i32.const 16)))
        (i64.store (i32.const 1008) (i64.extend_i32_u (global.get $i))) (i64.store (i32.const 1016) (global.get $l))
        (i64.store (i32.const 1024) (i64.extend_i32_u (i32.reinterpret_f32 (global.get $f))))
        (i64.store (i32.const 1032) (i64.reinterpret_f64 (global.get $d)))
        (i64.store (i32.const 1040) (i64.extend_i32_u (memory.size)))
        (i64.store (i32.const 1048) (i64.load (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 8))))
        (i64.store (i32.const 1056) (call $entry (i32.const 0))) (i64.store (i32.const 1064) (call $entry (i32.const 1)))
        (i64.store (i32.const 1072) (call $entry (i32.const 2))) (i64.store (i32.const 1080) (call $entry (i32.const 4)))
        (i64.store (i32.const 1088) (i64.extend_i32_u (table.size $t)))
        (i64.store (i32.const 1096) (call $stable_size))
        (i64.store (i32.const 1104) (i64.const 0))
        (if (i64.ne (call $stable_size) (i64.const 0)) (then (call $stable_read (i64.const 1104) (i64.const 4090) (i64.const 8))))
        (call $append (i32.const 1000) (i32.const 112)) (call $reply)))`;

export const CHANGES = ['heap', 'globals', 'grow', 'table', 'table_grow', 'stable', 'stable_grow', 'drop'];

export function stateOf(sandbox: Sandbox): bigint[] {
    sandbox.begin();
    const numbers = replyNumbers(run(sandbox, 'canister_query state', { context: 'NRQ' }));
    sandbox.rollback();
    expect(numbers.length).toBe(14);
    return numbers;
}

/** Runs methods in one bracket. */
export function bracket(sandbox: Sandbox, methods: readonly string[], end: 'commit' | 'rollback'): void {
    sandbox.begin();
    for (const method of methods) expect(run(sandbox, `canister_update ${method}`).trap).toBeUndefined();
    sandbox[end]();
}
