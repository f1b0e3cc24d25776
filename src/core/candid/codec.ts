import type { IDL } from '@dfinity/candid';
import { ok, type Result } from '../result';
import { nodeOf } from './from_idl';
import { expectEnd, openMessage, position, refusalOf } from './input';
import { writeMessage, writeRaw, type Writer } from './output';
import { Planner } from './plan';
import { readHeader } from './read_table';
import { InvalidCandidValue, type CandidRefusal } from './refusal';
import { Spellings } from './spellings';
import type { TypeNode } from './type_node';
import { writerOf } from './write_plan';
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
    private writers: readonly Writer[] | undefined;

    constructor(private readonly types: readonly IDL.Type[]) {}

    decode(message: Uint8Array): Result<Args, CandidRefusal> {
        // A subclass, such as Node's Buffer, would give subclasses for blobs, over shared memory.
        const bytes = message.constructor === Uint8Array ? message : new Uint8Array(message);
        try {
            const values = this.read(bytes);
            expectEnd();
            // The types of the program are what the plan reads.
            return ok(values as unknown as Args);
        } catch (thrown) {
            return { ok: false, error: refusalOf(thrown) };
        }
    }

    encode(values: Args): Uint8Array {
        return this.encodeShared(values).slice();
    }

    encodeShared(values: Args): Uint8Array {
        const writers = this.writers ?? this.makeWriters();
        const header = this.header ?? this.makeHeader();
        if (values.length !== writers.length) throw new InvalidCandidValue(`${writers.length} arguments`, values);
        return writeMessage(() => {
            writeRaw(header);
            for (let i = 0; i < writers.length; i++) writers[i]?.(values[i]);
        });
    }

    prepareDecode(): void {
        this.spellings ??= this.makeSpellings();
    }

    prepareEncode(): void {
        this.writers ??= this.makeWriters();
        this.header ??= this.makeHeader();
    }

    private read(message: Uint8Array): unknown[] {
        this.spellings ??= this.makeSpellings();
        const spelling = this.spellings.find(message);
        if (spelling !== undefined) {
            openMessage(message, spelling.length);
            return spelling.read();
        }
        const wire = readHeader(message);
        const read = new Planner().planArguments(wire, this.typeNodes());
        this.spellings.learn(message, position(), read);
        return read();
    }

    private makeSpellings(): Spellings {
        const spellings = new Spellings();
        const nodes = this.typeNodes();
        spellings.setOwn((this.header ??= this.makeHeader()), new Planner().planArguments(nodes, nodes));
        return spellings;
    }

    private typeNodes(): readonly TypeNode[] {
        return (this.nodes ??= this.types.map(nodeOf));
    }

    private makeWriters(): readonly Writer[] {
        return (this.writers = this.typeNodes().map(writerOf));
    }

    private makeHeader(): Uint8Array {
        return (this.header = writeHeader(this.typeNodes()));
    }
}
