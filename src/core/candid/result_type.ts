import { IDL } from '@dfinity/candid';

type Fields = readonly [label: string, type: IDL.Type][];

/** Fields of a variant; of any other type, undefined. */
class VariantFields extends IDL.Visitor<undefined, Fields | undefined> {
    override visitType(): undefined {
        return undefined;
    }

    override visitVariant(_type: IDL.VariantClass, fields: [string, IDL.Type][]): Fields {
        return fields;
    }
}

const reader = new VariantFields();

/**
 * `variant { Ok : T; Err : variant { … } }` with one more refusal that carries nothing; undefined for a type that is no such
 * variant. A refusal that it already has stays as it is.
 */
export function withRefusal(result: IDL.Type, refusal: string): IDL.Type | undefined {
    const arms = new Map(result.accept(reader, undefined));
    const ok = arms.get('Ok');
    const refusals = arms.get('Err')?.accept(reader, undefined);
    if (arms.size !== 2 || ok === undefined || refusals === undefined) return undefined;
    return IDL.Variant({ Ok: ok, Err: IDL.Variant({ [refusal]: IDL.Null, ...Object.fromEntries(refusals) }) });
}
