/** Canister settings: defaults, and the checks that a change must pass (replica.md c). */
import { defaultLogBytes } from './logs';
import { compareIds, idKey } from './principals';

/** Who may see something: controllers only, everybody, or controllers and the listed principals. */
export type Visibility =
    | { readonly kind: 'controllers' }
    | { readonly kind: 'public' }
    | { readonly kind: 'allowed_viewers'; readonly viewers: readonly Uint8Array[] };

/** All settings of one canister. */
export interface CanisterSettings {
    readonly controllers: readonly Uint8Array[];
    /** Percent. */
    readonly computeAllocation: bigint;
    /** Bytes. */
    readonly memoryAllocation: bigint;
    /** Seconds. */
    readonly freezingThreshold: bigint;
    readonly reservedCyclesLimit: bigint;
    readonly minimumIncomingCallCycles: bigint;
    readonly logVisibility: Visibility;
    readonly snapshotVisibility: Visibility;
    readonly statusVisibility: Visibility;
    /** Bytes. */
    readonly logMemoryLimit: bigint;
    /** Bytes, 0 for none. */
    readonly wasmMemoryLimit: bigint;
    /** Bytes. */
    readonly wasmMemoryThreshold: bigint;
    readonly environmentVariables: readonly (readonly [name: string, value: string])[];
}

/** Absent fields stay as they are. */
export type SettingsChange = { readonly [Field in keyof CanisterSettings]?: CanisterSettings[Field] | undefined };

const days = 86_400n;
const controllersOnly: Visibility = { kind: 'controllers' };

/** The settings of a new canister. */
export function defaultSettings(controllers: readonly Uint8Array[]): CanisterSettings {
    return {
        controllers,
        computeAllocation: 0n,
        memoryAllocation: 0n,
        freezingThreshold: 30n * days,
        reservedCyclesLimit: 5_000_000_000_000n,
        minimumIncomingCallCycles: 0n,
        logVisibility: controllersOnly,
        snapshotVisibility: controllersOnly,
        statusVisibility: controllersOnly,
        logMemoryLimit: BigInt(defaultLogBytes),
        // The replica gives new canisters 3 GiB, although the specification's default is none.
        wasmMemoryLimit: 3_221_225_472n,
        wasmMemoryThreshold: 0n,
        environmentVariables: []
    };
}

const maxControllers = 10;
const maxViewers = 10;
const maxEnvironmentVariables = 20;
const maxEnvironmentVariableBytes = 128;
const maxMemoryBytes = 2n ** 48n;
const maxLogBytes = 2n * 1024n * 1024n;
const maxNat64 = 2n ** 64n - 1n;

/** The settings after a change, or why it is refused. */
export type ChangedSettings =
    { readonly ok: true; readonly value: CanisterSettings } | { readonly ok: false; readonly why: string };

/** Nothing is changed in place. */
export function changeSettings(settings: CanisterSettings, change: SettingsChange): ChangedSettings {
    const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
    const why = refusal({ ...settings, ...given });
    return why === undefined ? { ok: true, value: { ...settings, ...withControllerSet(given) } } : { ok: false, why };
}

/** Controllers are a set, in the order of principals; they are counted as they were given. */
function withControllerSet(change: SettingsChange): SettingsChange {
    if (change.controllers === undefined) return change;
    const unique = new Map(change.controllers.map((id) => [idKey(id), id]));
    return { ...change, controllers: [...unique.values()].sort(compareIds) };
}

function refusal(settings: CanisterSettings): string | undefined {
    return numberRefusal(settings) ?? listRefusal(settings) ?? environmentRefusal(settings.environmentVariables);
}

function numberRefusal(settings: CanisterSettings): string | undefined {
    const bounds: readonly (readonly [name: string, value: bigint, max: bigint])[] = [
        ['compute allocation', settings.computeAllocation, 100n],
        ['memory allocation', settings.memoryAllocation, maxMemoryBytes],
        ['freezing threshold', settings.freezingThreshold, maxNat64],
        ['log memory limit', settings.logMemoryLimit, maxLogBytes],
        ['wasm memory limit', settings.wasmMemoryLimit, maxMemoryBytes],
        ['wasm memory threshold', settings.wasmMemoryThreshold, maxMemoryBytes],
        ['reserved cycles limit', settings.reservedCyclesLimit, 2n ** 128n - 1n],
        ['minimum incoming canister call cycles', settings.minimumIncomingCallCycles, 2n ** 128n - 1n]
    ];
    const broken = bounds.find(([, value, max]) => value > max);
    return broken && `The ${broken[0]} must be between 0 and ${broken[2]}, got ${broken[1]}.`;
}

function listRefusal(settings: CanisterSettings): string | undefined {
    if (settings.controllers.length > maxControllers) {
        return `The number of controllers must be at most ${maxControllers}, got ${settings.controllers.length}.`;
    }
    const { logVisibility, snapshotVisibility, statusVisibility } = settings;
    const crowded = [logVisibility, snapshotVisibility, statusVisibility].some(
        (visibility) => visibility.kind === 'allowed_viewers' && visibility.viewers.length > maxViewers
    );
    return crowded ? `The number of allowed viewers must be at most ${maxViewers}.` : undefined;
}

function environmentRefusal(variables: CanisterSettings['environmentVariables']): string | undefined {
    if (variables.length > maxEnvironmentVariables) {
        return `The number of environment variables must be at most ${maxEnvironmentVariables}.`;
    }
    if (new Set(variables.map(([name]) => name)).size < variables.length) {
        return 'The environment variables have duplicate names.';
    }
    const long = variables.flat().some((text) => Buffer.byteLength(text) > maxEnvironmentVariableBytes);
    return long
        ? `Names and values of environment variables must be at most ${maxEnvironmentVariableBytes} bytes.`
        : undefined;
}

/** Whether `viewer` may see what `visibility` guards. */
export function mayView(visibility: Visibility, controllers: readonly Uint8Array[], viewer: Uint8Array): boolean {
    if (visibility.kind === 'public') return true;
    const viewerKey = idKey(viewer);
    const viewers = visibility.kind === 'allowed_viewers' ? visibility.viewers : [];
    return [...controllers, ...viewers].some((id) => idKey(id) === viewerKey);
}
