/**
 * A canister that does what its messages say: each argument is a script, and scripts carry the scripts of their callbacks.
 * A script is a sequence of instructions `op:u8 length:u32le payload`; `script.ts` assembles them.
 */
export const scriptedWat = `(module
  (import "ic0" "msg_arg_data_size" (func $arg_size (result i32)))
  (import "ic0" "msg_arg_data_copy" (func $arg_copy (param i32 i32 i32)))
  (import "ic0" "msg_caller_size" (func $caller_size (result i32)))
  (import "ic0" "msg_caller_copy" (func $caller_copy (param i32 i32 i32)))
  (import "ic0" "msg_reject_code" (func $reject_code (result i32)))
  (import "ic0" "msg_reject_msg_size" (func $reject_msg_size (result i32)))
  (import "ic0" "msg_reject_msg_copy" (func $reject_msg_copy (param i32 i32 i32)))
  (import "ic0" "msg_reply_data_append" (func $append (param i32 i32)))
  (import "ic0" "msg_reply" (func $reply))
  (import "ic0" "msg_reject" (func $reject (param i32 i32)))
  (import "ic0" "msg_cycles_accept128" (func $accept (param i64 i64 i32)))
  (import "ic0" "msg_cycles_refunded128" (func $refunded (param i32)))
  (import "ic0" "cycles_burn128" (func $burn (param i64 i64 i32)))
  (import "ic0" "call_new" (func $call_new (param i32 i32 i32 i32 i32 i32 i32 i32)))
  (import "ic0" "call_on_cleanup" (func $call_on_cleanup (param i32 i32)))
  (import "ic0" "call_data_append" (func $call_data_append (param i32 i32)))
  (import "ic0" "call_cycles_add128" (func $call_cycles_add (param i64 i64)))
  (import "ic0" "call_with_best_effort_response" (func $best_effort (param i32)))
  (import "ic0" "call_perform" (func $call_perform (result i32)))
  (import "ic0" "certified_data_set" (func $certify (param i32 i32)))
  (import "ic0" "data_certificate_present" (func $certificate_present (result i32)))
  (import "ic0" "data_certificate_size" (func $certificate_size (result i32)))
  (import "ic0" "data_certificate_copy" (func $certificate_copy (param i32 i32 i32)))
  (import "ic0" "time" (func $time (result i64)))
  (import "ic0" "canister_version" (func $version (result i64)))
  (import "ic0" "global_timer_set" (func $timer_set (param i64) (result i64)))
  (import "ic0" "stable64_size" (func $stable_size (result i64)))
  (import "ic0" "stable64_grow" (func $stable_grow (param i64) (result i64)))
  (import "ic0" "stable64_write" (func $stable_write (param i64 i64 i64)))
  (import "ic0" "stable64_read" (func $stable_read (param i64 i64 i64)))
  (import "ic0" "accept_message" (func $accept_message))
  (import "ic0" "debug_print" (func $print (param i32 i32)))
  (import "ic0" "trap" (func $trap (param i32 i32)))
  (table funcref (elem $callback))
  (memory 4)
  ;; 0 counter, 4 heartbeat script, 8 timer script, 12 pre_upgrade script, 16..31 scratch; scripts from 1024 on
  (global $top (mut i32) (i32.const 1024))
  (global $result (mut i32) (i32.const 0))

  (func $alloc (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (global.get $top))
    (global.set $top (i32.add (global.get $top) (local.get $size)))
    (block $enough
      (loop $more
        (br_if $enough (i32.le_u (global.get $top) (i32.mul (memory.size) (i32.const 65536))))
        (drop (memory.grow (i32.const 1)))
        (br $more)))
    (local.get $at))

  ;; copies a script, with its length before it, to where it survives the message
  (func $keep (param $from i32) (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (call $alloc (i32.add (local.get $size) (i32.const 4))))
    (i32.store (local.get $at) (local.get $size))
    (memory.copy (i32.add (local.get $at) (i32.const 4)) (local.get $from) (local.get $size))
    (local.get $at))

  (func $run_kept (param $at i32)
    (if (local.get $at)
      (then (call $run (i32.add (local.get $at) (i32.const 4)) (i32.load (local.get $at))))))

  (func $callback (param $env i32) (call $run_kept (local.get $env)))

  (func $run_argument
    (local $at i32)
    (local.set $at (call $alloc (call $arg_size)))
    (call $arg_copy (local.get $at) (i32.const 0) (call $arg_size))
    (call $run (local.get $at) (call $arg_size)))

  (func $scratch_append (param $size i32) (call $append (i32.const 16) (local.get $size)))

  ;; a call: callee:u8+bytes name:u8+bytes timeout:u32 cycles:u64 argument:u32+bytes reply:u32+bytes reject:u32+bytes cleanup:u32+bytes
  (func $call (param $p i32)
    (local $callee i32) (local $name i32) (local $fixed i32) (local $argument i32)
    (local $reply i32) (local $reject i32) (local $cleanup i32)
    (local.set $callee (local.get $p))
    (local.set $name (i32.add (local.get $callee) (i32.add (i32.load8_u (local.get $callee)) (i32.const 1))))
    (local.set $fixed (i32.add (local.get $name) (i32.add (i32.load8_u (local.get $name)) (i32.const 1))))
    (local.set $argument (i32.add (local.get $fixed) (i32.const 12)))
    (local.set $reply (i32.add (local.get $argument) (i32.add (i32.load (local.get $argument)) (i32.const 4))))
    (local.set $reject (i32.add (local.get $reply) (i32.add (i32.load (local.get $reply)) (i32.const 4))))
    (local.set $cleanup (i32.add (local.get $reject) (i32.add (i32.load (local.get $reject)) (i32.const 4))))
    (call $call_new
      (i32.add (local.get $callee) (i32.const 1)) (i32.load8_u (local.get $callee))
      (i32.add (local.get $name) (i32.const 1)) (i32.load8_u (local.get $name))
      (i32.const 0) (call $keep (i32.add (local.get $reply) (i32.const 4)) (i32.load (local.get $reply)))
      (i32.const 0) (call $keep (i32.add (local.get $reject) (i32.const 4)) (i32.load (local.get $reject))))
    (call $call_data_append (i32.add (local.get $argument) (i32.const 4)) (i32.load (local.get $argument)))
    (if (i32.load (local.get $cleanup))
      (then (call $call_on_cleanup (i32.const 0)
        (call $keep (i32.add (local.get $cleanup) (i32.const 4)) (i32.load (local.get $cleanup))))))
    (if (i64.ne (i64.load offset=4 (local.get $fixed)) (i64.const 0))
      (then (call $call_cycles_add (i64.const 0) (i64.load offset=4 (local.get $fixed)))))
    (if (i32.load (local.get $fixed)) (then (call $best_effort (i32.load (local.get $fixed)))))
    (global.set $result (call $call_perform)))

  (func $stable_set (param $p i32) (param $size i32)
    (if (i64.eqz (call $stable_size)) (then (drop (call $stable_grow (i64.const 1)))))
    (call $stable_write (i64.const 0) (i64.extend_i32_u (local.get $p)) (i64.extend_i32_u (local.get $size))))

  (func $append_argument
    (local $at i32)
    (local.set $at (call $alloc (call $arg_size)))
    (call $arg_copy (local.get $at) (i32.const 0) (call $arg_size))
    (call $append (local.get $at) (call $arg_size)))

  (func $append_reject_message
    (local $at i32)
    (local.set $at (call $alloc (call $reject_msg_size)))
    (call $reject_msg_copy (local.get $at) (i32.const 0) (call $reject_msg_size))
    (call $append (local.get $at) (call $reject_msg_size)))

  (func $append_caller
    (call $caller_copy (i32.const 32) (i32.const 0) (call $caller_size))
    (call $append (i32.const 32) (call $caller_size)))

  (func $append_certificate
    (local $at i32)
    (if (call $certificate_present)
      (then
        (local.set $at (call $alloc (call $certificate_size)))
        (call $certificate_copy (local.get $at) (i32.const 0) (call $certificate_size))
        (call $append (local.get $at) (call $certificate_size)))))

  ;; copies 64 KiB onto themselves, so many times: nothing uses instructions up faster
  (func $work (param $times i32)
    (block $done
      (loop $again
        (br_if $done (i32.eqz (local.get $times)))
        (memory.copy (i32.const 65536) (i32.const 65536) (i32.const 65536))
        (local.set $times (i32.sub (local.get $times) (i32.const 1)))
        (br $again))))

  (func $step (param $op i32) (param $p i32) (param $size i32)
    (block $trapping
    (block $o29 (block $o28 (block $o27 (block $o26 (block $o25 (block $o24 (block $o23 (block $o22 (block $o21 (block $o20
    (block $o19 (block $o18 (block $o17 (block $o16 (block $o15 (block $o14 (block $o13 (block $o12 (block $o11 (block $o10
    (block $o9 (block $o8 (block $o7 (block $o6 (block $o5 (block $o4 (block $o3 (block $o2 (block $o1 (block $o0
      (br_table $o0 $o1 $o2 $o3 $o4 $o5 $o6 $o7 $o8 $o9 $o10 $o11 $o12 $o13 $o14 $o15 $o16 $o17 $o18 $o19
                $o20 $o21 $o22 $o23 $o24 $o25 $o26 $o27 $o28 $o29 $trapping (local.get $op)))
    (call $append (local.get $p) (local.get $size)) (return))
    (call $reply) (return))
    (call $reject (local.get $p) (local.get $size)) (return))
    (call $trap (local.get $p) (local.get $size)) (return))
    (call $call (local.get $p)) (return))
    (call $append_argument) (return))
    (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.load (local.get $p)))) (return))
    (call $append (i32.const 0) (i32.const 4)) (return))
    (call $accept (i64.const 0) (i64.load (local.get $p)) (i32.const 16)) (return))
    (call $print (local.get $p) (local.get $size)) (return))
    (drop (call $timer_set (i64.load (local.get $p)))) (return))
    (i32.store (i32.const 8) (call $keep (local.get $p) (local.get $size))) (return))
    (i32.store (i32.const 16) (call $reject_code)) (call $scratch_append (i32.const 4)) (return))
    (call $append_reject_message) (return))
    (call $append_caller) (return))
    (call $refunded (i32.const 16)) (call $scratch_append (i32.const 16)) (return))
    (call $certify (local.get $p) (local.get $size)) (return))
    (call $append_certificate) (return))
    (i64.store (i32.const 16) (call $time)) (call $scratch_append (i32.const 8)) (return))
    (call $stable_set (local.get $p) (local.get $size)) (return))
    (call $stable_read (i64.const 16) (i64.const 0) (i64.const 8)) (call $scratch_append (i32.const 8)) (return))
    (call $burn (i64.const 0) (i64.load (local.get $p)) (i32.const 16)) (return))
    (call $accept_message) (return))
    (i32.store (i32.const 4) (call $keep (local.get $p) (local.get $size))) (return))
    (i32.store (i32.const 12) (call $keep (local.get $p) (local.get $size))) (return))
    (i64.store (i32.const 16) (call $version)) (call $scratch_append (i32.const 8)) (return))
    (i32.store (i32.const 16) (global.get $result)) (call $scratch_append (i32.const 4)) (return))
    (loop $forever (br $forever)) (return))
    (drop (memory.grow (i32.load (local.get $p)))) (return))
    (call $work (i32.load (local.get $p))) (return))
    (unreachable))

  (func $run (param $p i32) (param $size i32)
    (local $end i32)
    (local.set $end (i32.add (local.get $p) (local.get $size)))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $p) (local.get $end)))
        (call $step (i32.load8_u (local.get $p)) (i32.add (local.get $p) (i32.const 5)) (i32.load offset=1 (local.get $p)))
        (local.set $p (i32.add (i32.add (local.get $p) (i32.const 5)) (i32.load offset=1 (local.get $p))))
        (br $next))))

  (func $heartbeat (call $run_kept (i32.load (i32.const 4))))
  (func $timer (call $run_kept (i32.load (i32.const 8))))
  (func $pre_upgrade (call $run_kept (i32.load (i32.const 12))))
  (export "canister_init" (func $run_argument))
  (export "canister_post_upgrade" (func $run_argument))
  (export "canister_pre_upgrade" (func $pre_upgrade))
  (export "canister_global_timer" (func $timer))
  (export "canister_update run" (func $run_argument))
  (export "canister_query ask" (func $run_argument))
  (export "canister_composite_query compose" (func $run_argument))
  EXTRA_EXPORTS)`;
