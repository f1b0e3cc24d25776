import type { IDL } from '@dfinity/candid';
import type { Result } from '../result';
import { nodeOf } from './from_idl';
import { expectEnd, position, refusalOf } from './input';
import { writeMessage, type Writer } from './output';
import { Planner } from './plan';
import { readHeader } from './read_table';
import { InvalidCandidValue, type CandidRefusal } from './refusal';
import { Spellings } from './spellings';
import type { TypeNode } from './type_node';
import { argumentsWriter } from './write_plan';
import { writeHeader } from './write_table';

/** Both directions between the arguments of a message, or its results, and their Candid bytes. */
export interface ArgsCodec<Args extends readonly unknown[]> {
    /** Values as IDL.decode of @dfinity/candid gives them. Blobs are copies. */
    decode(message: Uint8Array): Result<Args, CandidRefusal>;
    /** The bytes that IDL.encode gives. Throws {@link InvalidCandidValue}. */
    encode(values: Args): Uint8Array;
    /** As `encode`, in a buffer that the next encoding of any codec writes over. */
    encodeShared(values: Args): Uint8Array;
    /** Compiles now what the first message in each direction would compile. */
    prepareDecode(): void;
    prepareEncode(): void;
}

/**
 * A codec for arguments of these types. Nothing is compiled before it is needed, so that recursive types may still be filled
 * and a canister pays only for what is called.
 */
export function compileArgs<Args extends readonly unknown[]>(types: readonly IDL.Type[]): ArgsCodec<Args> {
    return new CompiledArgs<Args>(types);
}

class CompiledArgs<Args extends readonly unknown[]> implements ArgsCodec<Args> {
    private nodes: readonly TypeNode[] | undefined;
    private header: Uint8Array | undefined;
    private spellings: Spellings | undefined;
    private writer: Writer | undefined;

    constructor(private readonly types: readonly IDL.Type[]) {}

    decode(message: Uint8Array): Result<Args, CandidRefusal> {
        // A subclass, such as Node's Buffer, would give subclasses for blobs, over shared memory.
        const bytes = message.constructor === Uint8Array ? message : new Uint8Array(message);
        const spellings = this.spellings ?? this.makeSpellings();
        try {
            const read = spellings.open(bytes) ?? this.plan(bytes, spellings);
            const values = read();
            expectEnd();
            // The types of the program are what the plan reads.
            return { ok: true, value: values as unknown as Args };
        } catch (thrown) {
            return { ok: false, error: refusalOf(thrown) };
        }
    }

    encode(values: Args): Uint8Array {
        return this.encodeShared(values).slice();
    }

    encodeShared(values: Args): Uint8Array {
        if (values.length !== this.types.length) throw new InvalidCandidValue(`${this.types.length} arguments`, values);
        return writeMessage(this.header ?? this.makeHeader(), this.writer ?? this.makeWriter(), values);
    }

    prepareDecode(): void {
        this.spellings ??= this.makeSpellings();
    }

    prepareEncode(): void {
        this.writer ??= this.makeWriter();
        this.header ??= this.makeHeader();
    }

    private plan(message: Uint8Array, spellings: Spellings): () => unknown[] {
        const wire = readHeader(message);
        const read = new Planner().planArguments(wire, this.typeNodes());
        spellings.learn(message, position(), read);
        return read;
    }

    private makeSpellings(): Spellings {
        const nodes = this.typeNodes();
        const read = new Planner().planArguments(nodes, nodes);
        return (this.spellings = new Spellings(this.header ?? this.makeHeader(), read));
    }

    private typeNodes(): readonly TypeNode[] {
        return (this.nodes ??= this.types.map(nodeOf));
    }

    private makeWriter(): Writer {
        return (this.writer = argumentsWriter(this.typeNodes()));
    }

    private makeHeader(): Uint8Array {
        return (this.header = writeHeader(this.typeNodes()));
    }
}
