import { IDL } from '@dfinity/candid';
import { IDL as PicIDL } from '@icp-sdk/core/candid';
import wabt from 'wabt';

/**
 * A counter in linear memory that survives upgrades through stable memory, and a few methods that misbehave.
 * 0: head of a Candid nat64, 16: the counter, 32: empty Candid, 1024 and up: scratch.
 * `spin` fills memory because that uses instructions up fastest.
 */
const source = `(module
  (import "ic0" "msg_reply" (func $reply))
  (import "ic0" "msg_reply_data_append" (func $append (param i32 i32)))
  (import "ic0" "msg_arg_data_size" (func $arg_size (result i32)))
  (import "ic0" "msg_arg_data_copy" (func $arg_copy (param i32 i32 i32)))
  (import "ic0" "certified_data_set" (func $certify (param i32 i32)))
  (import "ic0" "data_certificate_size" (func $certificate_size (result i32)))
  (import "ic0" "data_certificate_copy" (func $certificate_copy (param i32 i32 i32)))
  (import "ic0" "stable64_grow" (func $stable_grow (param i64) (result i64)))
  (import "ic0" "stable64_write" (func $stable_write (param i64 i64 i64)))
  (import "ic0" "stable64_read" (func $stable_read (param i64 i64 i64)))
  (import "ic0" "time" (func $time (result i64)))
  (import "ic0" "trap" (func $trap (param i32 i32)))
  (memory 4)
  (data (i32.const 0) "DIDL\\00\\01\\78")
  (data (i32.const 32) "DIDL\\00\\00")
  (data (i32.const 64) "on purpose")
  (func $reply_nat64 (param $value i64)
    (i64.store (i32.const 7) (local.get $value))
    (call $append (i32.const 0) (i32.const 15))
    (call $reply))
  (func $inc
    (i64.store (i32.const 16) (i64.add (i64.load (i32.const 16)) (i64.const 1)))
    (call $append (i32.const 32) (i32.const 6))
    (call $reply))
  (func $read (call $reply_nat64 (i64.load (i32.const 16))))
  (func $now (call $reply_nat64 (call $time)))
  (func $fail
    (i64.store (i32.const 16) (i64.const 99))
    (call $trap (i32.const 64) (i32.const 10)))
  (func $spin (loop $again (memory.fill (i32.const 1024) (i32.const 0) (i32.const 200000)) (br $again)))
  (func $set_certified
    (call $arg_copy (i32.const 1024) (i32.const 0) (call $arg_size))
    (call $certify (i32.const 1024) (call $arg_size))
    (call $append (i32.const 32) (i32.const 6))
    (call $reply))
  (func $certificate
    (call $certificate_copy (i32.const 1024) (i32.const 0) (call $certificate_size))
    (call $append (i32.const 1024) (call $certificate_size))
    (call $reply))
  (func $save
    (drop (call $stable_grow (i64.const 1)))
    (call $stable_write (i64.const 0) (i64.const 16) (i64.const 8)))
  (func $load (call $stable_read (i64.const 16) (i64.const 0) (i64.const 8)))
  (export "canister_update inc" (func $inc))
  (export "canister_query read" (func $read))
  (export "canister_query now" (func $now))
  (export "canister_update fail" (func $fail))
  (export "canister_update spin" (func $spin))
  (export "canister_update set_certified" (func $set_certified))
  (export "canister_query certificate" (func $certificate))
  (export "canister_pre_upgrade" (func $save))
  (export "canister_post_upgrade" (func $load)))`;

export async function counterWasm(): Promise<Uint8Array> {
    const { parseWat } = await wabt();
    const module = parseWat('counter.wat', source);
    return new Uint8Array(module.toBinary({}).buffer);
}

export interface Counter {
    inc(): Promise<undefined>;
    read(): Promise<bigint>;
    now(): Promise<bigint>;
    fail(): Promise<undefined>;
    spin(): Promise<undefined>;
}

export const counterIdl: IDL.InterfaceFactory = () =>
    IDL.Service({
        inc: IDL.Func([], [], []),
        read: IDL.Func([], [IDL.Nat64], ['query']),
        now: IDL.Func([], [IDL.Nat64], ['query']),
        fail: IDL.Func([], [], []),
        spin: IDL.Func([], [], [])
    });

/** The same interface for @dfinity/pic, which brings its own Candid library. */
export const picCounterIdl: PicIDL.InterfaceFactory = () =>
    PicIDL.Service({
        inc: PicIDL.Func([], [], []),
        read: PicIDL.Func([], [PicIDL.Nat64], ['query']),
        now: PicIDL.Func([], [PicIDL.Nat64], ['query']),
        fail: PicIDL.Func([], [], []),
        spin: PicIDL.Func([], [], [])
    });
