/** Environment variables, in the order of their names' bytes. */
import { HostTrap, userViolation } from '../traps';
import { copyToHeap, decodeText, fromHeap } from './copy';
import type { Execution } from './execution';
import { group } from './handlers';

const MAX_NAME_BYTES = 128;
const utf8 = new TextEncoder();

function sortedNames(x: Execution): readonly Uint8Array[] {
    return x.input.environmentVariables.map(([name]) => utf8.encode(name)).sort((a, b) => Buffer.compare(a, b));
}

function violation(message: string): HostTrap {
    return new HostTrap({ code: 'CanisterContractViolation', message });
}

function nameAt(x: Execution, index: number): Uint8Array {
    const names = sortedNames(x);
    const name = names[index];
    if (name !== undefined) return name;
    throw violation(
        `Environment variable index ${index} is out of bounds. The number of environment variables is ${names.length}.`
    );
}

function readName(x: Execution, call: string, src: number, size: number): string {
    if (size > MAX_NAME_BYTES) throw userViolation(`ic0.${call}: Variable name is too large.`);
    const name = decodeText(fromHeap(x, `ic0.${call} heap`, src, size));
    if (name !== undefined) return name;
    throw userViolation(
        `ic0.${call}: Variable name is not a valid UTF-8 string.`,
        'Provide a valid UTF-8 string for the environment variable name.'
    );
}

function find(x: Execution, name: string): string | undefined {
    return x.input.environmentVariables.find(([candidate]) => candidate === name)?.[1];
}

function valueOf(x: Execution, name: string): Uint8Array {
    const value = find(x, name);
    if (value === undefined) throw violation(`Environment variable ${name} not found.`);
    return utf8.encode(value);
}

/** `env_var_*`: environment variables of the canister. */
export const environmentApi = group({
    env_var_count: (x) => x.input.environmentVariables.length,
    env_var_name_size: (x, index) => nameAt(x, index).length,
    env_var_name_copy: (x, index, dst, offset, size) =>
        copyToHeap(x, 'env_var_name_copy', { what: 'name', bytes: nameAt(x, index) }, { dst, offset, size }),
    env_var_name_exists: (x, src, size) =>
        find(x, readName(x, 'env_var_name_exists', src, size)) === undefined ? 0 : 1,
    env_var_value_size: (x, src, size) => valueOf(x, readName(x, 'env_var_value_size', src, size)).length,
    env_var_value_copy: (x, src, nameSize, dst, offset, size) => {
        const bytes = valueOf(x, readName(x, 'env_var_value_copy', src, nameSize));
        copyToHeap(x, 'env_var_value_copy', { what: 'value', bytes }, { dst, offset, size });
    }
});
