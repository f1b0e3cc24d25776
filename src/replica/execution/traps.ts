import type { Trap } from './types';

/**
 * Ends an execution from inside a System API function. It passes through the canister's frames as an exception and becomes
 * `ExecutionOutput.trap`; canisters cannot catch it, because modules with exception handling are refused.
 */
export class HostTrap extends Error {
    override readonly name = 'HostTrap';

    constructor(readonly trap: Trap) {
        super(trap.message);
    }
}

const DOCUMENTATION = 'http://internetcomputer.org/docs/current/references/execution-errors#';
const TOOLCHAIN_HELP =
    'This is likely an error with the compiler/CDK toolchain being used to build the canister. Please report the error to IC devs ' +
    'on the forum: https://forum.dfinity.org and include which language/CDK was used to create the canister.';
const FAILURE_HELP =
    'Consider gracefully handling failures from this canister or altering the canister to handle exceptions.';

function withHelp(description: string, suggestion: string, section: string): string {
    const sentence = description.endsWith('.') ? description : `${description}.`;
    return `${sentence}\n${suggestion} See documentation: ${DOCUMENTATION}${section}`;
}

/** The canister's compiler or CDK broke a rule of the System API. */
export function contractViolation(error: string): HostTrap {
    const sentence = error.endsWith('.') ? error : `${error}.`;
    const message = `Canister violated contract: ${sentence}\n${TOOLCHAIN_HELP}`;
    return new HostTrap({ code: 'CanisterContractViolation', message });
}

/** The canister's author broke a rule of the System API; without a suggestion the replica gives no help. */
export function userViolation(error: string, suggestion?: string, section = ''): HostTrap {
    const description = `Canister violated contract: ${error}`;
    const message = suggestion === undefined ? description : withHelp(description, suggestion, section);
    return new HostTrap({ code: 'CanisterContractViolation', message });
}

/** A System API function where the entry point may not use it. */
export function wrongMode(name: string, mode: string): HostTrap {
    return userViolation(
        `"ic0_${name}" cannot be executed in ${mode} mode`,
        'Check the ICP documentation to make sure APIs are being called in the correct message types.',
        'calling-a-system-api-from-the-wrong-mode'
    );
}

/** Bytes that are longer than a principal. */
export function invalidPrincipal(): HostTrap {
    const message = `Canister provided invalid principal id.\n${TOOLCHAIN_HELP}`;
    return new HostTrap({ code: 'CanisterContractViolation', message });
}

/** Kinds of `Canister trapped: …` (replica.md a.6). */
export type TrapKind =
    | 'stack overflow'
    | 'heap out of bounds'
    | 'stable memory out of bounds'
    | '32 bit stable memory api used on a memory larger than 4GB'
    | 'integer division by 0'
    | 'unreachable'
    | 'table out of bounds'
    | 'cycles amount exceeds 64-bit representation'
    | 'unknown';

/** What WebAssembly itself traps for. */
export function trapped(kind: TrapKind): Trap {
    return {
        code: 'CanisterTrapped',
        message: withHelp(`Canister trapped: ${kind}`, FAILURE_HELP, 'trapped'),
        log: `[TRAP]: ${kind}`
    };
}

/** `ic0.trap`, with the canister's text. */
export function calledTrap(text: string): HostTrap {
    const description = `Canister called \`ic0.trap\` with message: '${text}'`;
    return new HostTrap({
        code: 'CanisterCalledTrap',
        message: withHelp(description, FAILURE_HELP, 'trapped-explicitly'),
        log: `[TRAP]: ${text === '' ? '(no message)' : text}`
    });
}

/** Of traps for want of instructions. */
export const instructionLimitCode = 'CanisterInstructionLimitExceeded';

/** A message that went on for too long. */
export function instructionLimitExceeded(limit: bigint): Trap {
    return {
        code: instructionLimitCode,
        message: withHelp(
            `Canister exceeded the limit of ${limit} instructions for single message execution.`,
            'Try optimizing this method to consume fewer instructions or split the work across multiple messages.',
            'instruction-limit-exceeded'
        )
    };
}

/** A message that touched too many pages. */
export function memoryAccessLimitExceeded(detail: string): HostTrap {
    return new HostTrap({
        code: 'CanisterMemoryAccessLimitExceeded',
        message: withHelp(
            `Canister exceeded memory access limits: ${detail}`,
            "Try optimizing the use of stable memory so that individual messages don't need to access as much stable memory.",
            'memory-access-limit-exceeded'
        )
    });
}

/** Of traps for want of memory. */
export const outOfMemoryCode = 'CanisterOutOfMemory';

/** IC0507: neither the network nor the machine has more. */
export function outOfMemory(): Trap {
    return {
        code: outOfMemoryCode,
        message: withHelp(
            'Canister cannot grow its memory usage.',
            'Try reducing the memory usage of the canister, or of others on this machine.',
            'out-of-memory'
        )
    };
}

/** Cycles as the replica writes them: `48_069_150_700`. */
export function cyclesText(amount: bigint): string {
    return amount.toString().replace(/\B(?=(\d{3})+$)/g, '_');
}

/** Why a memory may not grow; only controllers are told what is `missing`. */
export function memoryGrowText(bytes: bigint, missing: bigint | undefined): string {
    const text = `Canister cannot grow memory by ${bytes} bytes due to insufficient cycles.`;
    return missing === undefined
        ? text
        : `${text} At least ${cyclesText(missing > 0n ? missing : 1n)} additional cycles are required.`;
}

/** IC0532: a memory that the canister could not pay for. */
export function insufficientCyclesInMemoryGrow(bytes: bigint, missing: bigint | undefined): Trap {
    return {
        code: 'InsufficientCyclesInMemoryGrow',
        message: withHelp(
            memoryGrowText(bytes, missing),
            'Try topping up the canister.',
            'insufficient-cycles-in-memory-grow'
        )
    };
}

/** A heap that has grown beyond the limit of the canister's settings. */
export function wasmMemoryLimitExceeded(reachedBytes: bigint, limitBytes: bigint): Trap {
    return {
        code: 'CanisterWasmMemoryLimitExceeded',
        message: withHelp(
            `Canister exceeded its current Wasm memory limit of ${limitBytes} bytes. ` +
                `The peak Wasm memory usage was ${reachedBytes} bytes. ` +
                'If the canister reaches 4GiB, then it may stop functioning and may become unrecoverable. ' +
                'Please reach out to the canister owner to investigate the reason for the increased memory usage. ' +
                'It might be necessary to move data from the Wasm memory to the stable memory. ' +
                'If such high Wasm memory usage is expected and safe, then the developer can increase ' +
                'the Wasm memory limit in the canister settings.',
            'Try checking the canister for a possible memory leak or modifying it to use more stable memory instead of Wasm memory.',
            'wasm-memory-limit-exceeded'
        )
    };
}

/** A callback that is not in the table. */
export function functionNotFound(tableIndex: number): Trap {
    return {
        code: 'CanisterFunctionNotFound',
        message: `Canister requested to invoke a non-existent Wasm function ${tableIndex} from table 0.\n${TOOLCHAIN_HELP}`
    };
}

/** A method that the module does not export. */
export function methodNotFound(exportName: string): Trap {
    const [, kind = 'system', name = exportName] =
        /^canister_(update|query|composite_query) ([\s\S]*)$/.exec(exportName) ?? [];
    return {
        code: 'CanisterMethodNotFound',
        message: withHelp(
            `Canister has no ${kind} method '${name}'.`,
            'Check that the method being called is exported by the target canister.',
            'method-not-found'
        )
    };
}

/** V8's messages for traps, first match wins. */
const V8_TRAPS: readonly (readonly [pattern: RegExp, kind: TrapKind])[] = [
    [/unreachable/, 'unreachable'],
    [/memory access out of bounds|data segment/i, 'heap out of bounds'],
    [/divide by zero|remainder by zero/, 'integer division by 0'],
    [/table (index|access|element)?.*out of bounds|element segment/i, 'table out of bounds']
];

/** By name: under jest an error may come from another realm than the classes of this module. */
function isNamed(error: unknown, name: string): error is Error {
    return typeof error === 'object' && error !== null && 'name' in error && error.name === name;
}

/** Trap of an error that V8 raised inside the canister; undefined for errors that are not the canister's doing. */
export function trapOfEngineError(error: unknown): Trap | undefined {
    if (error instanceof HostTrap) return error.trap;
    if (isNamed(error, 'RangeError') && /call stack/i.test(error.message)) return trapped('stack overflow');
    if (isNamed(error, 'RangeError') && /out of memory|allocat/i.test(error.message)) return outOfMemory();
    // A callback whose table entry takes an i64 where the closure holds an i32.
    if (isNamed(error, 'TypeError') && /BigInt/.test(error.message)) return trapped('unknown');
    if (!isNamed(error, 'RuntimeError')) return undefined;
    return trapped(V8_TRAPS.find(([pattern]) => pattern.test(error.message))?.[1] ?? 'unknown');
}
