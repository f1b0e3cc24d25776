/** Assembles the scripts that the scripted canister runs. */

export type Script = Uint8Array;

function u32(value: number): Uint8Array {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, value, true);
    return bytes;
}

function u64(value: bigint): Uint8Array {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, value, true);
    return bytes;
}

const bytesOf = (content: string | Uint8Array): Uint8Array =>
    typeof content === 'string' ? Buffer.from(content) : content;
const op = (code: number, payload: Uint8Array = new Uint8Array(0)): Script =>
    new Uint8Array(Buffer.concat([[code], u32(payload.length), payload].map((part) => Buffer.from(part))));

/** Runs scripts one after the other. */
export function seq(...scripts: readonly Script[]): Script {
    return new Uint8Array(Buffer.concat(scripts));
}

export interface CallScript {
    readonly to: Uint8Array;
    /** Default `run`. */
    readonly method?: string;
    readonly argument?: Uint8Array;
    readonly cycles?: bigint;
    /** Best effort, in seconds. */
    readonly timeout?: number;
    readonly onReply?: Script;
    readonly onReject?: Script;
    readonly onCleanup?: Script;
}

const short = (content: Uint8Array): Uint8Array => Buffer.concat([Buffer.from([content.length]), content]);
const long = (content: Uint8Array = new Uint8Array(0)): Uint8Array => Buffer.concat([u32(content.length), content]);

export const append = (content: string | Uint8Array): Script => op(0, bytesOf(content));
export const reply = (content: string | Uint8Array = ''): Script => seq(append(content), op(1));
export const rejectWith = (text: string): Script => op(2, bytesOf(text));
export const trap = (text: string): Script => op(3, bytesOf(text));
export const call = (c: CallScript): Script =>
    op(
        4,
        Buffer.concat([
            short(c.to),
            short(bytesOf(c.method ?? 'run')),
            u32(c.timeout ?? 0),
            u64(c.cycles ?? 0n),
            long(c.argument),
            long(c.onReply),
            long(c.onReject),
            long(c.onCleanup)
        ])
    );
/** In a reply callback: the reply. */
export const appendArgument = op(5);
/** To a counter in the heap. */
export const add = (amount: number): Script => op(6, u32(amount));
export const appendCounter = op(7);
export const acceptCycles = (amount: bigint): Script => op(8, u64(amount));
export const print = (text: string): Script => op(9, bytesOf(text));
export const setTimer = (atNs: bigint): Script => op(10, u64(atNs));
export const onTimer = (script: Script): Script => op(11, script);
export const appendRejectCode = op(12);
export const appendRejectMessage = op(13);
export const appendCaller = op(14);
export const appendRefund = op(15);
export const certify = (data: string): Script => op(16, bytesOf(data));
export const appendCertificate = op(17);
export const appendTime = op(18);
/** Eight bytes at the start of stable memory. */
export const stableWrite = (data: string): Script => op(19, bytesOf(data));
export const appendStable = op(20);
export const burn = (amount: bigint): Script => op(21, u64(amount));
export const acceptMessage = op(22);
export const onHeartbeat = (script: Script): Script => op(23, script);
export const onPreUpgrade = (script: Script): Script => op(24, script);
export const appendVersion = op(25);
/** The last `call_perform`'s result, four bytes. */
export const appendCallResult = op(26);
export const loopForever = op(27);
export const growHeap = (pages: number): Script => op(28, u32(pages));
/** Uses up about this many million instructions, quickly; up to 280 000, which is more than any limit. */
export const work = (millions: number): Script => op(29, u32(Math.ceil((millions * 1_000_000) / 65_536)));
