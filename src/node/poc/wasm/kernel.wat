;; The rounds of a proof of computing on a CPU: 128-bit SIMD, any number of threads over one shared memory.
;; docs/poc.md §3 (generator), §4 (product and fold). `scripts/generate_poc_kernel.ts` writes the module from this text.
;;
;; Products run on i32x4.dot_i16x8_s: int8 widened to 16 bits, two products and their sum per lane. Two factors k of an entry
;; are therefore a pair. The bytes of word w are k = 4w … 4w+3; pair 2w is (4w, 4w+2) and pair 2w+1 is (4w+1, 4w+3),
;; because these are the low and the high bytes of the word's halves.
;;
;; B lies in panels of 8 columns: panel p, pair q, column c at p·16·D + q·32 + 4·(c mod 8): 16 KiB at D = 1024, so that a
;; panel stays in the first-level cache while the rows of a block (64 rows, 128 KiB) pass by it.
;; A lies in groups of 4 rows: group g, pair q, row r at g·8·D + q·16 + 4·(r mod 4).
(module
    (import "env" "memory" (memory 1 65536 shared))

    ;; The four words of four generators, between two functions.
    (global $a (mut v128) (v128.const i32x4 0 0 0 0))
    (global $b (mut v128) (v128.const i32x4 0 0 0 0))
    (global $c (mut v128) (v128.const i32x4 0 0 0 0))
    (global $d (mut v128) (v128.const i32x4 0 0 0 0))

    ;; One step of four generators.
    (func $step (local $e v128)
        (local.set $e (i32x4.sub (global.get $a)
            (v128.or (i32x4.shl (global.get $b) (i32.const 27)) (i32x4.shr_u (global.get $b) (i32.const 5)))))
        (global.set $a (v128.xor (global.get $b)
            (v128.or (i32x4.shl (global.get $c) (i32.const 17)) (i32x4.shr_u (global.get $c) (i32.const 15)))))
        (global.set $b (i32x4.add (global.get $c) (global.get $d)))
        (global.set $c (i32x4.add (global.get $d) (local.get $e)))
        (global.set $d (i32x4.add (local.get $e) (global.get $a))))

    (func $steps (param $count i32)
        (loop $next
            (call $step)
            (br_if $next (local.tee $count (i32.sub (local.get $count) (i32.const 1))))))

    ;; Opens the streams (key, row) … (key, row + 3); the key is eight words in this machine's order of bytes.
    (func $open (param $key i32) (param $row i32)
        (global.set $a (v128.xor (v128.load32_splat (local.get $key)) (i32x4.splat (i32.const 0xf1ea5eed))))
        (global.set $b (v128.xor (v128.load32_splat offset=4 (local.get $key))
            (i32x4.add (i32x4.splat (local.get $row)) (v128.const i32x4 0 1 2 3))))
        (global.set $c (v128.xor (v128.load32_splat offset=8 (local.get $key))
            (v128.load32_splat offset=16 (local.get $key))))
        (global.set $d (v128.load32_splat offset=12 (local.get $key)))
        (call $steps (i32.const 8))
        (global.set $a (v128.xor (global.get $a) (v128.load32_splat offset=20 (local.get $key))))
        (global.set $b (v128.xor (global.get $b) (v128.load32_splat offset=24 (local.get $key))))
        (global.set $c (v128.xor (global.get $c) (v128.load32_splat offset=28 (local.get $key))))
        (call $steps (i32.const 12)))

    ;; Writes rows row … row + 3 of the matrix of a key as a group of pairs, the entries widened to 16 bits.
    (func $group (param $key i32) (param $row i32) (param $words i32) (param $out i32)
        (local $a v128) (local $b v128) (local $c v128) (local $d v128) (local $e v128)
        (call $open (local.get $key) (local.get $row))
        (local.set $a (global.get $a))
        (local.set $b (global.get $b))
        (local.set $c (global.get $c))
        (local.set $d (global.get $d))
        (loop $next
            (local.set $e (i32x4.sub (local.get $a)
                (v128.or (i32x4.shl (local.get $b) (i32.const 27)) (i32x4.shr_u (local.get $b) (i32.const 5)))))
            (local.set $a (v128.xor (local.get $b)
                (v128.or (i32x4.shl (local.get $c) (i32.const 17)) (i32x4.shr_u (local.get $c) (i32.const 15)))))
            (local.set $b (i32x4.add (local.get $c) (local.get $d)))
            (local.set $c (i32x4.add (local.get $d) (local.get $e)))
            (local.set $d (i32x4.add (local.get $e) (local.get $a)))
            ;; A byte less 128 is the byte with its highest bit turned, read as signed.
            (local.set $e (v128.xor (local.get $d) (i32x4.splat (i32.const 0x80808080))))
            (v128.store (local.get $out)
                (i16x8.shr_s (i16x8.shl (local.get $e) (i32.const 8)) (i32.const 8)))
            (v128.store offset=16 (local.get $out) (i16x8.shr_s (local.get $e) (i32.const 8)))
            (local.set $out (i32.add (local.get $out) (i32.const 32)))
            (br_if $next (local.tee $words (i32.sub (local.get $words) (i32.const 1))))))

    ;; Writes B into its panels, four rows at a time by way of a group at $scratch (8·D bytes).
    (func (export "pack") (param $key i32) (param $dimension i32) (param $scratch i32) (param $out i32)
        (local $row i32)
        (loop $next
            (call $group (local.get $key) (local.get $row)
                (i32.shr_u (local.get $dimension) (i32.const 2)) (local.get $scratch))
            (call $scatter (local.get $row) (local.get $dimension) (local.get $scratch) (local.get $out))
            (br_if $next (i32.lt_u
                (local.tee $row (i32.add (local.get $row) (i32.const 4))) (local.get $dimension)))))

    ;; The group holds 16-bit entry (row r of 4, column k) at (2·(k/4) + (k mod 2))·16 + 4·r + 2·((k/2) mod 2).
    ;; Row r of the four is factor number row + r of the products: the pair 2·(row/4) + (r mod 2), half r/2.
    (func $scatter (param $row i32) (param $dimension i32) (param $group i32) (param $out i32)
        (local $r i32) (local $k i32) (local $from i32) (local $to i32)
        (loop $rows
            (local.set $from (i32.add (local.get $group) (i32.shl (local.get $r) (i32.const 2))))
            (local.set $to (i32.add (local.get $out) (i32.add
                (i32.shl (i32.add (i32.shr_u (local.get $row) (i32.const 1)) (i32.and (local.get $r) (i32.const 1)))
                    (i32.const 5))
                (i32.and (local.get $r) (i32.const 2)))))
            (local.set $k (i32.const 0))
            (loop $columns
                (i32.store16
                    (i32.add (local.get $to) (i32.add
                        (i32.mul (i32.shr_u (local.get $k) (i32.const 3)) (i32.shl (local.get $dimension) (i32.const 4)))
                        (i32.shl (i32.and (local.get $k) (i32.const 7)) (i32.const 2))))
                    (i32.load16_u (i32.add (local.get $from) (i32.add
                        (i32.shl (i32.add (i32.shl (i32.shr_u (local.get $k) (i32.const 2)) (i32.const 1))
                            (i32.and (local.get $k) (i32.const 1))) (i32.const 4))
                        (i32.and (local.get $k) (i32.const 2))))))
                (br_if $columns (i32.lt_u
                    (local.tee $k (i32.add (local.get $k) (i32.const 1))) (local.get $dimension))))
            (br_if $rows (i32.lt_u (local.tee $r (i32.add (local.get $r) (i32.const 1))) (i32.const 4)))))

    ;; Folds 8 entries of a row into its lanes: 4 + 4 partial sums at $fold.
    (func $fold (param $low v128) (param $high v128) (param $constants i32) (param $fold i32)
        (local.set $low (i32x4.add (local.get $low) (v128.load (local.get $constants))))
        (local.set $high (i32x4.add (local.get $high) (v128.load offset=16 (local.get $constants))))
        (local.set $low (v128.xor (local.get $low) (i32x4.shr_u (local.get $low) (i32.const 15))))
        (local.set $high (v128.xor (local.get $high) (i32x4.shr_u (local.get $high) (i32.const 15))))
        (v128.store (local.get $fold) (i32x4.add (v128.load (local.get $fold))
            (i32x4.add (local.get $low) (local.get $high))))
        (v128.store offset=16 (local.get $fold) (i32x4.add (v128.load offset=16 (local.get $fold)) (i32x4.add
            (v128.or (i32x4.shl (local.get $low) (i32.const 16)) (i32x4.shr_u (local.get $low) (i32.const 16)))
            (v128.or (i32x4.shl (local.get $high) (i32.const 16)) (i32x4.shr_u (local.get $high) (i32.const 16)))))))

    ;; 4 rows times 8 columns, two pairs a turn, and their folds.
    (func $tile (param $a i32) (param $b i32) (param $turns i32) (param $constants i32) (param $fold i32)
        (local $l0 v128) (local $l1 v128) (local $l2 v128) (local $l3 v128)
        (local $h0 v128) (local $h1 v128) (local $h2 v128) (local $h3 v128)
        (local $low v128) (local $high v128) (local $f v128)
        (loop $next
            (local.set $low (v128.load (local.get $b)))
            (local.set $high (v128.load offset=16 (local.get $b)))
            (local.set $f (v128.load32_splat (local.get $a)))
            (local.set $l0 (i32x4.add (local.get $l0) (i32x4.dot_i16x8_s (local.get $f) (local.get $low))))
            (local.set $h0 (i32x4.add (local.get $h0) (i32x4.dot_i16x8_s (local.get $f) (local.get $high))))
            (local.set $f (v128.load32_splat offset=4 (local.get $a)))
            (local.set $l1 (i32x4.add (local.get $l1) (i32x4.dot_i16x8_s (local.get $f) (local.get $low))))
            (local.set $h1 (i32x4.add (local.get $h1) (i32x4.dot_i16x8_s (local.get $f) (local.get $high))))
            (local.set $f (v128.load32_splat offset=8 (local.get $a)))
            (local.set $l2 (i32x4.add (local.get $l2) (i32x4.dot_i16x8_s (local.get $f) (local.get $low))))
            (local.set $h2 (i32x4.add (local.get $h2) (i32x4.dot_i16x8_s (local.get $f) (local.get $high))))
            (local.set $f (v128.load32_splat offset=12 (local.get $a)))
            (local.set $l3 (i32x4.add (local.get $l3) (i32x4.dot_i16x8_s (local.get $f) (local.get $low))))
            (local.set $h3 (i32x4.add (local.get $h3) (i32x4.dot_i16x8_s (local.get $f) (local.get $high))))
            (local.set $low (v128.load offset=32 (local.get $b)))
            (local.set $high (v128.load offset=48 (local.get $b)))
            (local.set $f (v128.load32_splat offset=16 (local.get $a)))
            (local.set $l0 (i32x4.add (local.get $l0) (i32x4.dot_i16x8_s (local.get $f) (local.get $low))))
            (local.set $h0 (i32x4.add (local.get $h0) (i32x4.dot_i16x8_s (local.get $f) (local.get $high))))
            (local.set $f (v128.load32_splat offset=20 (local.get $a)))
            (local.set $l1 (i32x4.add (local.get $l1) (i32x4.dot_i16x8_s (local.get $f) (local.get $low))))
            (local.set $h1 (i32x4.add (local.get $h1) (i32x4.dot_i16x8_s (local.get $f) (local.get $high))))
            (local.set $f (v128.load32_splat offset=24 (local.get $a)))
            (local.set $l2 (i32x4.add (local.get $l2) (i32x4.dot_i16x8_s (local.get $f) (local.get $low))))
            (local.set $h2 (i32x4.add (local.get $h2) (i32x4.dot_i16x8_s (local.get $f) (local.get $high))))
            (local.set $f (v128.load32_splat offset=28 (local.get $a)))
            (local.set $l3 (i32x4.add (local.get $l3) (i32x4.dot_i16x8_s (local.get $f) (local.get $low))))
            (local.set $h3 (i32x4.add (local.get $h3) (i32x4.dot_i16x8_s (local.get $f) (local.get $high))))
            (local.set $a (i32.add (local.get $a) (i32.const 32)))
            (local.set $b (i32.add (local.get $b) (i32.const 64)))
            (br_if $next (local.tee $turns (i32.sub (local.get $turns) (i32.const 1)))))
        (call $fold (local.get $l0) (local.get $h0) (local.get $constants) (local.get $fold))
        (call $fold (local.get $l1) (local.get $h1) (local.get $constants) (i32.add (local.get $fold) (i32.const 32)))
        (call $fold (local.get $l2) (local.get $h2) (local.get $constants) (i32.add (local.get $fold) (i32.const 64)))
        (call $fold (local.get $l3) (local.get $h3) (local.get $constants) (i32.add (local.get $fold) (i32.const 96))))

    ;; All columns of the 64 rows at $a, panel after panel.
    (func $block (param $a i32) (param $b i32) (param $dimension i32) (param $constants i32) (param $fold i32)
        (local $panels i32) (local $group i32)
        (local.set $panels (i32.shr_u (local.get $dimension) (i32.const 3)))
        (loop $next
            (local.set $group (i32.const 0))
            (loop $groups
                (call $tile
                    (i32.add (local.get $a) (i32.mul (local.get $group) (i32.shl (local.get $dimension) (i32.const 3))))
                    (local.get $b)
                    (i32.shr_u (local.get $dimension) (i32.const 2))
                    (local.get $constants)
                    (i32.add (local.get $fold) (i32.shl (local.get $group) (i32.const 7))))
                (br_if $groups (i32.lt_u
                    (local.tee $group (i32.add (local.get $group) (i32.const 1))) (i32.const 16))))
            (local.set $b (i32.add (local.get $b) (i32.shl (local.get $dimension) (i32.const 4))))
            (local.set $constants (i32.add (local.get $constants) (i32.const 32)))
            (br_if $next (local.tee $panels (i32.sub (local.get $panels) (i32.const 1))))))

    ;; Sum of the four lanes.
    (func $sum (param $lanes v128) (result i32)
        (i32.add
            (i32.add (i32x4.extract_lane 0 (local.get $lanes)) (i32x4.extract_lane 1 (local.get $lanes)))
            (i32.add (i32x4.extract_lane 2 (local.get $lanes)) (i32x4.extract_lane 3 (local.get $lanes)))))

    ;; Folds of rows $first … $first + $rows - 1 (64 at a time) of a round, lane 0 and lane 1 of each, to $out.
    ;; $scratch: 128·D bytes for a block of A, then 2048 for its folds.
    (func (export "folds") (param $key i32) (param $first i32) (param $rows i32) (param $dimension i32)
        (param $b i32) (param $constants i32) (param $scratch i32) (param $out i32)
        (local $fold i32) (local $i i32)
        (local.set $fold (i32.add (local.get $scratch) (i32.shl (local.get $dimension) (i32.const 7))))
        (loop $blocks
            (local.set $i (i32.const 0))
            (loop $groups
                (call $group (local.get $key)
                    (i32.add (local.get $first) (i32.shl (local.get $i) (i32.const 2)))
                    (i32.shr_u (local.get $dimension) (i32.const 2))
                    (i32.add (local.get $scratch) (i32.mul (local.get $i) (i32.shl (local.get $dimension) (i32.const 3)))))
                (br_if $groups (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 16))))
            (memory.fill (local.get $fold) (i32.const 0) (i32.const 2048))
            (call $block (local.get $scratch) (local.get $b) (local.get $dimension) (local.get $constants)
                (local.get $fold))
            (local.set $i (i32.const 0))
            (loop $lanes
                (i32.store (local.get $out) (call $sum
                    (v128.load (i32.add (local.get $fold) (i32.shl (local.get $i) (i32.const 4))))))
                (local.set $out (i32.add (local.get $out) (i32.const 4)))
                (br_if $lanes (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 128))))
            (local.set $first (i32.add (local.get $first) (i32.const 64)))
            (br_if $blocks (local.tee $rows (i32.sub (local.get $rows) (i32.const 64)))))))
