/** Inputs for values of every Candid type, on the forms that `@dfinity/candid` has; bytes are typed, not counted. */
import { IDL, inputBox, optForm, recordForm, tupleForm, variantForm, vecForm, type InputBox } from '@dfinity/candid';
import { bytesFrom } from './bytes_text';
import { element } from './dom';

/** An input that parses to a value of the type, or marks itself and parses to undefined. */
export function argumentInput(type: IDL.Type): InputBox {
    return type.accept(new InputOf(), undefined);
}

type Fields = [string, IDL.Type][];

class InputOf extends IDL.Visitor<undefined, InputBox> {
    override visitType<T>(type: IDL.Type<T>): InputBox {
        const input = element('input', { className: 'argument', placeholder: type.display() });
        return inputBox(type, { input });
    }

    override visitNull(type: IDL.NullClass): InputBox {
        return inputBox(type, {});
    }

    override visitBool(type: IDL.BoolClass): InputBox {
        const select = element('select', { className: 'argument' }, [new Option('false'), new Option('true')]);
        return inputBox(type, { input: select, parse: (_, __, value) => value === 'true' });
    }

    override visitRecord(type: IDL.RecordClass, fields: Fields): InputBox {
        return inputBox(type, { form: recordForm(fields, { ...nested, container: group() }) });
    }

    override visitTuple<T extends unknown[]>(type: IDL.TupleClass<T>, components: IDL.Type[]): InputBox {
        return inputBox(type, { form: tupleForm(components, { ...nested, container: group() }) });
    }

    override visitVariant(type: IDL.VariantClass, fields: Fields): InputBox {
        const names = fields.map(([name]) => new Option(name));
        const open = element('select', { className: 'open' }, names);
        open.selectedIndex = -1;
        return inputBox(type, { form: variantForm(fields, { ...nested, open, event: 'change' }) });
    }

    override visitOpt<T>(type: IDL.OptClass<T>, inner: IDL.Type<T>): InputBox {
        const open = element('input', { className: 'open' });
        open.type = 'checkbox';
        return inputBox(type, { form: optForm(inner, { ...nested, open, event: 'change' }) });
    }

    override visitVec<T>(type: IDL.VecClass<T>, inner: IDL.Type<T>): InputBox {
        if ((inner as IDL.Type) === IDL.Nat8) {
            const input = element('input', { className: 'argument', placeholder: 'text, or bytes as 0x…' });
            return inputBox(type, { input, parse: (_, __, text) => bytesFrom(text) });
        }
        const open = element('input', { className: 'open', placeholder: 'length' });
        open.type = 'number';
        open.min = '0';
        return inputBox(type, { form: vecForm(inner, { ...nested, open, event: 'change', container: group() }) });
    }

    override visitRec<T>(_type: IDL.RecClass<T>, inner: IDL.ConstructType<T>): InputBox {
        return argumentInput(inner);
    }
}

const nested = { render: argumentInput };

function group(): HTMLElement {
    return element('div', { className: 'popup-form' });
}
