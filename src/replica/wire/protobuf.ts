/** Messages of Protocol Buffers (proto3), as far as the ICP ledger writes them: unsigned numbers, bytes and messages in messages. */
import { concatBytes } from './bytes';
import { encodeLeb128 } from './leb128';

/** A field's value; a message is given by its encoding. An absent field is undefined. */
export type ProtobufValue = bigint | Uint8Array | Message | undefined;

/** A message in a message: written even when it is empty, which tells it from an absent one. */
export class Message {
    constructor(readonly bytes: Uint8Array) {}
}

const varint = 0n;
const lengthDelimited = 2n;

function field(tag: bigint, value: ProtobufValue): Uint8Array {
    const key = (wireType: bigint): Uint8Array => encodeLeb128((tag << 3n) | wireType);
    if (value === undefined || value === 0n) return new Uint8Array();
    if (typeof value === 'bigint') return concatBytes(key(varint), encodeLeb128(value));
    const bytes = value instanceof Message ? value.bytes : value;
    if (bytes.length === 0 && !(value instanceof Message)) return new Uint8Array();
    return concatBytes(key(lengthDelimited), encodeLeb128(BigInt(bytes.length)), bytes);
}

/** The message with these fields, in the order given; those with their default value are left out, as proto3 wants it. */
export function message(...fields: readonly (readonly [tag: bigint, value: ProtobufValue])[]): Message {
    return new Message(concatBytes(...fields.map(([tag, value]) => field(tag, value))));
}
