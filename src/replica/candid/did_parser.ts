/** Reads .did files: what a canister takes and answers, as types of `@dfinity/candid`. */
import { IDL } from '@dfinity/candid';
import { DidSyntaxError, tokensOf, type Token } from './tokens';

export { DidSyntaxError };

/** What a .did file says of a canister. */
export interface CanisterInterface {
    /** Types of the installation's arguments. */
    readonly init: readonly IDL.Type[];
    /** Methods in the order of the file. */
    readonly methods: readonly (readonly [string, IDL.FuncClass])[];
}

/** Throws DidSyntaxError; imports of other files are not followed. */
export function parseDid(text: string): CanisterInterface {
    return new DidParser(text).file();
}

/** A type of the file; names in it are looked up when all of them are known. */
type Unresolved = (names: Names) => IDL.Type;
type UnresolvedService = (names: Names) => CanisterInterface['methods'];

const primitives: Readonly<Record<string, IDL.Type>> = {
    null: IDL.Null,
    bool: IDL.Bool,
    nat: IDL.Nat,
    nat8: IDL.Nat8,
    nat16: IDL.Nat16,
    nat32: IDL.Nat32,
    nat64: IDL.Nat64,
    int: IDL.Int,
    int8: IDL.Int8,
    int16: IDL.Int16,
    int32: IDL.Int32,
    int64: IDL.Int64,
    float32: IDL.Float32,
    float64: IDL.Float64,
    text: IDL.Text,
    reserved: IDL.Reserved,
    empty: IDL.Empty,
    principal: IDL.Principal,
    blob: IDL.Vec(IDL.Nat8)
};

/** The types that the file names. A type that is being built when it is asked for is recursive. */
class Names {
    readonly #done = new Map<string, IDL.Type>();
    readonly #open = new Map<string, IDL.RecClass | undefined>();

    constructor(
        readonly definitions: ReadonlyMap<string, Unresolved>,
        readonly fail: (what: string) => never
    ) {}

    get(name: string): IDL.Type {
        const known = primitives[name] ?? this.#done.get(name);
        if (known !== undefined) return known;
        const definition = this.definitions.get(name) ?? this.fail(`no type is called ${name}`);
        if (this.#open.has(name)) {
            const recursive = this.#open.get(name) ?? IDL.Rec();
            this.#open.set(name, recursive);
            return recursive;
        }
        this.#open.set(name, undefined);
        const built = definition(this);
        const recursive = this.#open.get(name);
        this.#open.delete(name);
        recursive?.fill(built as IDL.ConstructType);
        const type = recursive ?? built;
        this.#done.set(name, type);
        return type;
    }
}

class DidParser {
    readonly #text: string;
    readonly #tokens: readonly Token[];
    #next = 0;

    constructor(text: string) {
        this.#text = text;
        this.#tokens = tokensOf(text);
    }

    file(): CanisterInterface {
        const definitions = new Map<string, Unresolved>();
        let init: readonly Unresolved[] = [];
        let service: UnresolvedService = () => [];
        while (this.#peek().kind !== 'end') {
            if (this.#takes('type')) {
                const name = this.#id();
                this.#expect('=');
                definitions.set(name, this.#type());
            } else if (this.#takes('service')) {
                if (this.#peek().kind === 'id') this.#id();
                this.#expect(':');
                if (this.#isNext('(')) {
                    init = this.#types();
                    this.#expect('->');
                }
                service = this.#service();
            } else {
                this.#fail(this.#peek().value === 'import' ? 'imports are not followed' : undefined);
            }
            // Optional, also between definitions: official files leave it out.
            this.#takes(';');
        }
        const names = new Names(definitions, (what) => this.#fail(what));
        return { init: init.map((type) => type(names)), methods: service(names) };
    }

    /** `{ method : (...) -> (...); ... }`, or the name of a service type. */
    #service(): UnresolvedService {
        if (this.#peek().kind === 'id') {
            const name = this.#id();
            return (names) => {
                const type = names.get(name);
                return type instanceof IDL.ServiceClass ? type._fields : this.#fail(`${name} is no service`);
            };
        }
        const methods = this.#list('{', ';', '}', () => {
            const name = this.#name();
            this.#expect(':');
            return [name, this.#isNext('(') ? this.#function() : this.#type()] as const;
        });
        return (names) =>
            methods.map(([name, type]) => {
                const method = type(names);
                return method instanceof IDL.FuncClass ? [name, method] : this.#fail(`${name} is no function`);
            });
    }

    #function(): Unresolved {
        const argumentTypes = this.#types();
        this.#expect('->');
        const resultTypes = this.#types();
        const modes: string[] = [];
        while (/^(query|composite_query|oneway)$/.test(this.#peek().value)) modes.push(this.#id());
        return (names) => {
            const resolved = (types: readonly Unresolved[]): IDL.FuncClass['argTypes'] =>
                types.map((type) => type(names)) as IDL.FuncClass['argTypes'];
            return new IDL.FuncClass(resolved(argumentTypes), resolved(resultTypes), modes);
        };
    }

    /** `(nat, name : text)`: names of arguments say nothing. */
    #types(): readonly Unresolved[] {
        return this.#list('(', ',', ')', () => {
            if (this.#isNext(':', 1)) {
                this.#name();
                this.#expect(':');
            }
            return this.#type();
        });
    }

    #type(): Unresolved {
        const name = this.#id();
        switch (name) {
            case 'opt':
            case 'vec': {
                const inner = this.#type();
                return (names) => (name === 'opt' ? IDL.Opt(inner(names)) : IDL.Vec(inner(names)));
            }
            case 'record':
            case 'variant':
                return this.#fields(name);
            case 'func':
                return this.#function();
            case 'service': {
                const service = this.#service();
                return (names) => IDL.Service(Object.fromEntries(service(names)));
            }
            default:
                return (names) => names.get(name);
        }
    }

    #fields(kind: 'record' | 'variant'): Unresolved {
        let position = 0;
        const fields = this.#list('{', ';', '}', (): readonly [string, Unresolved] => {
            if (this.#isNext(':', 1)) {
                const label = this.#label();
                this.#expect(':');
                const [, number] = /^_(\d+)_$/.exec(label) ?? [];
                position = number === undefined ? position : Number(number) + 1;
                return [label, this.#type()];
            }
            if (kind === 'variant') return [this.#label(), () => IDL.Null];
            position += 1;
            return [`_${position - 1}_`, this.#type()];
        });
        return (names) => {
            const resolved = fields.map(([label, type]) => [label, type(names)] as const);
            if (kind === 'variant') return IDL.Variant(Object.fromEntries(resolved));
            const isTuple = resolved.length > 0 && resolved.every(([label], i) => label === `_${i}_`);
            return isTuple ? IDL.Tuple(...resolved.map(([, type]) => type)) : IDL.Record(Object.fromEntries(resolved));
        };
    }

    /** A field by name, or by number in the library's spelling. */
    #label(): string {
        if (this.#peek().kind !== 'number') return this.#name();
        return `_${Number(this.#take().value)}_`;
    }

    #list<T>(open: string, separator: string, close: string, item: () => T): readonly T[] {
        const items: T[] = [];
        this.#expect(open);
        while (!this.#takes(close)) {
            items.push(item());
            if (!this.#takes(separator) && !this.#isNext(close)) this.#fail();
        }
        return items;
    }

    #name(): string {
        return this.#peek().kind === 'text' ? this.#take().value : this.#id();
    }

    #id(): string {
        return this.#peek().kind === 'id' ? this.#take().value : this.#fail();
    }

    #peek(ahead = 0): Token {
        const token = this.#tokens[Math.min(this.#next + ahead, this.#tokens.length - 1)];
        return token ?? { kind: 'end', value: 'the end', offset: 0 };
    }

    #take(): Token {
        const token = this.#peek();
        this.#next += 1;
        return token;
    }

    #isNext(value: string, ahead = 0): boolean {
        const token = this.#peek(ahead);
        return token.value === value && token.kind !== 'text';
    }

    #takes(value: string): boolean {
        if (!this.#isNext(value)) return false;
        this.#next += 1;
        return true;
    }

    #expect(value: string): void {
        if (!this.#takes(value)) this.#fail(`${value} expected, not ${this.#peek().value}`);
    }

    #fail(what = `unexpected ${this.#peek().value}`): never {
        throw new DidSyntaxError(this.#text, this.#peek().offset, what);
    }
}
