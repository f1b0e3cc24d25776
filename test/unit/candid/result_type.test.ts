import { IDL } from '@dfinity/candid';
import { withRefusal } from '../../../src/core/candid/result_type';

const resultOf = (refusals: Record<string, IDL.Type>): IDL.Type =>
    IDL.Variant({ Ok: IDL.Text, Err: IDL.Variant(refusals) });

test('a refusal is added to those that a result has', () => {
    const result = resultOf({ NotFound: IDL.Null, RateLimited: IDL.Nat64 });
    const expected = resultOf({ NotFound: IDL.Null, RateLimited: IDL.Nat64, Paused: IDL.Null });
    expect(withRefusal(result, 'Paused')?.display()).toBe(expected.display());
});

test('a refusal that a result has already stays as it is', () => {
    const result = resultOf({ Paused: IDL.Nat64 });
    expect(withRefusal(result, 'Paused')?.display()).toBe(result.display());
});

test.each([
    IDL.Null,
    IDL.Vec(resultOf({ NotFound: IDL.Null })),
    IDL.Record({ Ok: IDL.Text, Err: IDL.Variant({}) }),
    IDL.Variant({ Ok: IDL.Text }),
    IDL.Variant({ Ok: IDL.Text, Err: IDL.Text }),
    IDL.Variant({ Ok: IDL.Text, Err: IDL.Variant({ NotFound: IDL.Null }), Later: IDL.Null })
])('$name has no place for a refusal', (type) => {
    expect(withRefusal(type, 'Paused')).toBeUndefined();
});
