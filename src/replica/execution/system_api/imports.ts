import { type Ic0Name, signatureOf } from '../../wasm/ic0';
import { wrongMode } from '../traps';
import { callsApi } from './calls';
import { certificationApi } from './certification';
import { chargeOf } from './charges';
import { clockApi } from './clock';
import { allowedContexts, modeName } from './contexts';
import { costsApi } from './costs';
import { cyclesApi } from './cycles';
import { debugApi } from './debug';
import { environmentApi } from './environment';
import type { Execution } from './execution';
import type { Handlers } from './handlers';
import { identityApi } from './identity';
import { messageApi } from './message';
import { replyApi } from './reply';
import { stableApi } from './stable';

const HANDLERS: Handlers = {
    ...messageApi,
    ...replyApi,
    ...cyclesApi,
    ...identityApi,
    ...callsApi,
    ...stableApi,
    ...certificationApi,
    ...clockApi,
    ...costsApi,
    ...environmentApi,
    ...debugApi
};

type WasmValue = number | bigint;
/** The handlers' common shape once their typed parameters are behind us. */
type AnyHandler = (x: Execution, ...args: WasmValue[]) => WasmValue | void;

/** i32 and i64 arrive signed; addresses and sizes become numbers, 64-bit values bigints, all unsigned. */
function decoder(letter: string): (value: WasmValue) => WasmValue {
    if (letter === 'E') return (value) => (typeof value === 'bigint' ? BigInt.asUintN(64, value) : BigInt(value >>> 0));
    if (letter === 'l') return (value) => BigInt.asUintN(64, BigInt(value));
    // Above 2^53 an address is outside of every memory, and stays so when it is rounded.
    return (value) => (typeof value === 'bigint' ? Number(BigInt.asUintN(64, value)) : value >>> 0);
}

function encoder(results: string, pointerBytes: 4 | 8): (value: WasmValue | void) => WasmValue | void {
    if (results === 'P' && pointerBytes === 8) return (value) => BigInt(value ?? 0);
    return (value) => value;
}

/** One imported function: charge, check the context, decode, run. */
function importedFunction(name: Ic0Name, current: () => Execution, pointerBytes: 4 | 8): Function {
    const { params, results } = signatureOf(name);
    const decoders = [...params].map(decoder);
    const encode = encoder(results, pointerBytes);
    const charge = chargeOf(name);
    const contexts = allowedContexts(name);
    const handler = HANDLERS[name] as AnyHandler;
    return (...raw: WasmValue[]): WasmValue | void => {
        const x = current();
        const args = decoders.map((decode, i) => decode(raw[i] ?? 0));
        x.charge(charge(args));
        const { context, entry } = x.input;
        if (!contexts.has(context)) throw wrongMode(name, modeName(context, entry));
        return encode(handler(x, ...args));
    };
}

/**
 * The import object for a module that uses `names`. `current` gives the execution that is running; the functions are never
 * called outside of one, because the start function is run by the sandbox.
 */
export function systemApi(
    names: readonly Ic0Name[],
    current: () => Execution,
    pointerBytes: 4 | 8
): WebAssembly.Imports {
    const functions = names.map((name) => [name, importedFunction(name, current, pointerBytes)] as const);
    return { ic0: Object.fromEntries(functions) };
}
