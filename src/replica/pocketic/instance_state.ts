/** `state_dir`: an instance whose state, topology included, outlives it. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { openStateFolder } from '../persistence/state_folder';
import type { SubnetPlan } from '../subnets';
import type { SessionOptions } from '../worker/api';
import { InvalidBodyError } from './json';

/** What an instance is hosted with. */
export interface InstanceState {
    readonly session: SessionOptions;
    /** Whether it goes on from an earlier instance. */
    readonly isResumed: boolean;
    readonly release: () => void;
}

/** What a state means something with only: the rest is the new instance's own choice. */
type Kept = Pick<SessionOptions, 'thresholdKeys' | 'systemCanisters'> & { readonly subnets: readonly SubnetPlan[] };

/**
 * Without a folder the session is as asked for. A folder of an earlier instance brings its subnets along: none may be asked for beside
 * them. Throws InvalidBodyError.
 */
export function openInstanceState(stateDir: string | undefined, session: SessionOptions): InstanceState {
    if (stateDir === undefined) return { session, isResumed: false, release: () => undefined };
    const folder = openStateFolder(stateDir, { seed: session.seed });
    if (!folder.ok) throw new InvalidBodyError(`state_dir: ${folder.error}`);
    const { path, release } = folder.value;
    try {
        const kept = keep(join(path, 'instance'), session);
        return { session: { ...session, ...kept.value, stateFolder: path }, isResumed: kept.isKnown, release };
    } catch (error) {
        release();
        throw error;
    }
}

function keep(file: string, session: SessionOptions): { readonly value: Kept; readonly isKnown: boolean } {
    const { subnets = [], thresholdKeys, systemCanisters } = session;
    if (existsSync(file)) {
        if (subnets.length > 0)
            throw new InvalidBodyError('state_dir has the subnets of an earlier instance: ask for none');
        // Only this server writes the file.
        const value: Kept = deserialize(readFileSync(file));
        return { value, isKnown: true };
    }
    if (subnets.length === 0) throw new InvalidBodyError('SubnetConfigSet must contain at least one subnet');
    const value: Kept = { subnets, thresholdKeys, systemCanisters };
    writeFileSync(file, serialize(value));
    return { value, isKnown: false };
}
