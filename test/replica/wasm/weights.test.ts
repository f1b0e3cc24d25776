/** Weights of numeric and SIMD instructions by name (replica.md d.1 and the replica's table), through the assembler. */
import { openWat, run } from '../execution/support/canister';

/** `type.op` of one row share weight, number of operands and operand type. */
type Row = readonly [weight: number, operands: number, type: string, names: string];

const INTEGER_BINARY = 'add sub mul and or xor shl shr_s shr_u rotl rotr eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u';
const FLOAT_COMPARISON = 'eq ne lt gt le ge';
const of = (prefix: string, names: string): string =>
    names
        .split(' ')
        .map((name) => `${prefix}.${name}`)
        .join(' ');

const NUMERIC: readonly Row[] = [
    ...['i32', 'i64'].flatMap((type): Row[] => [
        [1, 2, type, of(type, INTEGER_BINARY)],
        [10, 2, type, of(type, 'div_s div_u rem_s rem_u')],
        [1, 1, type, of(type, 'clz ctz popcnt eqz extend8_s extend16_s')]
    ]),
    ...['f32', 'f64'].flatMap((type): Row[] => [
        [1, 1, type, of(type, 'abs neg')],
        [2, 1, type, of(type, 'ceil floor trunc nearest')],
        [2, 2, type, of(type, 'add sub mul')],
        [18, 2, type, of(type, 'min max')],
        [3, 2, type, of(type, FLOAT_COMPARISON)],
        [20, 1, type, `i32.trunc_${type}_s i32.trunc_${type}_u i64.trunc_${type}_s i64.trunc_${type}_u`],
        [20, 1, type, `i32.trunc_sat_${type}_s i32.trunc_sat_${type}_u i64.trunc_sat_${type}_s i64.trunc_sat_${type}_u`]
    ]),
    [5, 1, 'f32', 'f32.sqrt'],
    [8, 1, 'f64', 'f64.sqrt'],
    [3, 2, 'f32', 'f32.div'],
    [5, 2, 'f64', 'f64.div'],
    [2, 2, 'f32', 'f32.copysign'],
    [3, 2, 'f64', 'f64.copysign'],
    [3, 1, 'i32', 'f32.convert_i32_s f64.convert_i32_s'],
    [3, 1, 'i64', 'f32.convert_i64_s f64.convert_i64_s'],
    [16, 1, 'i32', 'f32.convert_i32_u f64.convert_i32_u'],
    [16, 1, 'i64', 'f32.convert_i64_u f64.convert_i64_u'],
    [1, 1, 'i32', 'i64.extend_i32_s i64.extend_i32_u f32.reinterpret_i32'],
    [1, 1, 'i64', 'i32.wrap_i64 i64.extend32_s f64.reinterpret_i64'],
    [1, 1, 'f32', 'f64.promote_f32 i32.reinterpret_f32'],
    [1, 1, 'f64', 'f32.demote_f64 i64.reinterpret_f64']
];

const SIMD: readonly Row[] = [
    [
        1,
        2,
        'v128',
        'i8x16.eq i8x16.lt_s i16x8.add i32x4.add i64x2.sub v128.and v128.xor i32x4.dot_i16x8_s f32x4.eq f64x2.pmax'
    ],
    [2, 2, 'v128', 'i8x16.lt_u i8x16.gt_u i16x8.lt_u i16x8.gt_u i32x4.lt_u i32x4.gt_u i32x4.mul'],
    [2, 2, 'v128', of('f32x4', 'add sub mul') + ' ' + of('f64x2', 'add sub mul')],
    [
        2,
        2,
        'v128',
        'i16x8.extmul_high_i8x16_s i16x8.extmul_high_i8x16_u i32x4.extmul_low_i16x8_s i32x4.extmul_high_i16x8_u'
    ],
    [1, 2, 'v128', 'i16x8.extmul_low_i8x16_s i16x8.mul i64x2.extmul_low_i32x4_s'],
    [4, 2, 'v128', 'i64x2.mul f32x4.min f32x4.max f64x2.min'],
    [5, 2, 'v128', 'f64x2.max'],
    [10, 2, 'v128', 'f32x4.div'],
    [12, 2, 'v128', 'f64x2.div'],
    [
        2,
        1,
        'v128',
        of('f32x4', 'ceil floor trunc nearest abs neg') + ' ' + of('f64x2', 'ceil floor trunc nearest abs neg')
    ],
    [5, 1, 'v128', 'f32x4.sqrt'],
    [14, 1, 'v128', 'f64x2.sqrt'],
    [3, 1, 'v128', 'i8x16.popcnt i32x4.extadd_pairwise_i16x8_u i32x4.trunc_sat_f64x2_u_zero'],
    [2, 1, 'v128', 'i16x8.extadd_pairwise_i8x16_u i32x4.trunc_sat_f32x4_s i32x4.trunc_sat_f64x2_s_zero'],
    [4, 1, 'v128', 'i32x4.trunc_sat_f32x4_u f32x4.convert_i32x4_u'],
    [
        1,
        1,
        'v128',
        'v128.not v128.any_true i8x16.abs i16x8.extadd_pairwise_i8x16_s f32x4.convert_i32x4_s f64x2.convert_low_i32x4_u'
    ]
];

const constant = (type: string): string => (type === 'v128' ? '(v128.const i32x4 1 1 1 1)' : `(${type}.const 1)`);

test('every instruction has the weight of its row', async () => {
    const cases = [...NUMERIC, ...SIMD].flatMap(([weight, operands, type, names]) =>
        names.split(' ').map((name) => ({
            name,
            expected: BigInt(1 + operands + weight + 1),
            code: constant(type).repeat(operands)
        }))
    );
    const functions = cases.map(({ name, code }) => `(func (export "canister_update ${name}") ${code} ${name} drop)`);
    const sandbox = await openWat(`(module ${functions.join('\n')})`);
    const measured = cases.map(({ name }) => [name, run(sandbox, `canister_update ${name}`).instructions]);
    expect(measured).toEqual(cases.map(({ name, expected }) => [name, expected]));
});

test('shifts of vectors', async () => {
    const shifts: [string, bigint][] = [
        ['i8x16.shl', 3n],
        ['i8x16.shr_s', 3n],
        ['i8x16.shr_u', 2n],
        ['i16x8.shl', 2n],
        ['i32x4.shr_s', 2n],
        ['i64x2.shl', 2n],
        ['i64x2.shr_s', 3n],
        ['i64x2.shr_u', 2n]
    ];
    const code = ([name]: [string, bigint]): string =>
        `(func (export "canister_update ${name}") ${constant('v128')} (i32.const 1) ${name} drop)`;
    const sandbox = await openWat(`(module ${shifts.map(code).join('')})`);
    const measured = shifts.map(([name]) => [name, run(sandbox, `canister_update ${name}`).instructions - 4n]);
    expect(measured).toEqual(shifts);
});
