import { parseDid, type CanisterInterface } from '../../../src/replica/candid/did_parser';
import { printCandid } from './print_candid';
import { shapeOf } from './shape';
import { interfaceDocs } from './source_docs';
import { sourceTypes } from './source_types';
import { nameTypes } from './type_names';

/** Where the Candid types live that all canisters share. */
const SHARED = 'src/azle';

/** The printed interface is another than the one that was read: a bug here, which would tell clients lies. */
export class AnotherInterface extends Error {
    constructor(readonly printed: string) {
        super('the readable Candid describes another interface');
        this.name = 'AnotherInterface';
    }
}

/**
 * The interface that Azle wrote of a canister, which names no type, in the words of its sources: their names of the types, their
 * docstrings, their order of the fields. The interface itself stays the same.
 * @throws {@link AnotherInterface}
 */
export async function readableCandid(did: string, folders: readonly string[]): Promise<string> {
    const service = parseDid(did);
    const sources = [...folders, SHARED];
    const names = nameTypes(service, await sourceTypes(sources));
    const printed = printCandid(service, names, await interfaceDocs(sources));
    if (spelledOut(parseDid(printed)) !== spelledOut(service)) throw new AnotherInterface(printed);
    return printed;
}

function spelledOut({ init, methods }: CanisterInterface): string {
    const lines = methods.map(([name, func]) => `${name} : ${shapeOf(func)}`).sort();
    return [init.map((type) => shapeOf(type)).join(', '), ...lines].join('\n');
}
