/** The least value of any Candid type, for calls that must be refused before anybody reads their arguments. */
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';

class LeastValue extends IDL.Visitor<undefined, unknown> {
    override visitType(): bigint {
        return 0n;
    }

    override visitBool(): boolean {
        return false;
    }

    override visitText(): string {
        return '';
    }

    override visitPrincipal(): Principal {
        return Principal.managementCanister();
    }

    override visitFixedInt(type: IDL.FixedIntClass): number | bigint {
        return type.name === 'int64' ? 0n : 0;
    }

    override visitFixedNat(type: IDL.FixedNatClass): number | bigint {
        return type.name === 'nat64' ? 0n : 0;
    }

    override visitNull(): null {
        return null;
    }

    override visitOpt(): [] {
        return [];
    }

    override visitVec(): [] {
        return [];
    }

    override visitRecord(_type: IDL.RecordClass, fields: [string, IDL.Type][]): object {
        return Object.fromEntries(fields.map(([name, type]) => [name, leastValue(type)]));
    }

    override visitVariant(_type: IDL.VariantClass, fields: [string, IDL.Type][]): object {
        return Object.fromEntries(fields.slice(0, 1).map(([name, type]) => [name, leastValue(type)]));
    }
}

const visitor = new LeastValue();

export function leastValue(type: IDL.Type): unknown {
    return type.accept(visitor, undefined);
}
