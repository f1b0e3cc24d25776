import { assemble } from '../../ic/support/network';

/**
 * A canister whose pages are put there by the test: `put` stores its argument (slot byte, then bytes), `http_request`
 * answers with slot 0, `http_request_update` with slot 1 and keeps what it was asked, which `seen` tells, and `next`
 * answers with the slot that the last byte of its argument names. `certify` takes its argument as the certified data, and
 * `certificate` answers with the certificate.
 */
const wat = `(module
  (import "ic0" "msg_arg_data_size" (func $size (result i32)))
  (import "ic0" "msg_arg_data_copy" (func $copy (param i32 i32 i32)))
  (import "ic0" "msg_reply_data_append" (func $append (param i32 i32)))
  (import "ic0" "msg_reply" (func $reply))
  (import "ic0" "certified_data_set" (func $certify (param i32 i32)))
  (import "ic0" "data_certificate_size" (func $certificate_size (result i32)))
  (import "ic0" "data_certificate_copy" (func $certificate_copy (param i32 i32 i32)))
  (memory 80)
  (func $base (param $slot i32) (result i32) (i32.mul (i32.const 65536) (i32.add (local.get $slot) (i32.const 1))))
  (func $answer (param $slot i32) (local $at i32)
    (local.set $at (call $base (local.get $slot)))
    (call $append (i32.add (local.get $at) (i32.const 4)) (i32.load (local.get $at)))
    (call $reply))
  (func (export "canister_update put") (local $at i32) (local $length i32)
    (call $copy (i32.const 0) (i32.const 0) (i32.const 1))
    (local.set $at (call $base (i32.load8_u (i32.const 0))))
    (local.set $length (i32.sub (call $size) (i32.const 1)))
    (i32.store (local.get $at) (local.get $length))
    (call $copy (i32.add (local.get $at) (i32.const 4)) (i32.const 1) (local.get $length))
    (call $reply))
  (func (export "canister_query http_request") (call $answer (i32.const 0)))
  (func (export "canister_update http_request_update") (local $at i32)
    (local.set $at (call $base (i32.const 63)))
    (i32.store (local.get $at) (call $size))
    (call $copy (i32.add (local.get $at) (i32.const 4)) (i32.const 0) (call $size))
    (call $answer (i32.const 1)))
  (func (export "canister_query seen") (call $answer (i32.const 63)))
  (func (export "canister_query next") (local $last i32)
    (call $copy (i32.const 0) (i32.sub (call $size) (i32.const 1)) (i32.const 1))
    (call $answer (i32.load8_u (i32.const 0))))
  (func (export "canister_update certify")
    (call $copy (i32.const 0) (i32.const 0) (call $size))
    (call $certify (i32.const 0) (call $size))
    (call $reply))
  (func (export "canister_query certificate")
    (call $certificate_copy (i32.const 0) (i32.const 0) (call $certificate_size))
    (call $append (i32.const 0) (call $certificate_size))
    (call $reply))
)`;

export function pagesWasm(): Promise<Uint8Array> {
    return assemble(wat);
}
