/** The whole state of a network, to compare. */
import { createHash } from 'node:crypto';
import { InternetComputer } from '../../../../src/replica/ic';
import { readCheckpoint, writeCheckpoint } from '../../../../src/replica/persistence/checkpoint';
import { decodeData, encodeData } from '../../../../src/replica/persistence/plain_data';
import { networkConfig, type TestNetwork } from './network';

const hashOf = (module: Uint8Array): string => createHash('sha256').update(module).digest('hex');

/** The same network, written to a file and read again. */
export function reopenedFrom(path: string, network: TestNetwork): TestNetwork {
    writeCheckpoint(path, { network: network.ic.image(), system: undefined });
    const image = readCheckpoint(path, hashOf)?.network;
    return network.continuedBy(new InternetComputer(networkConfig, [], image));
}

/** Everything there is, comparable. */
export function stateOf({ ic }: TestNetwork): unknown {
    const { records, modules, memories } = ic.image();
    const contents = [...memories].map(([name, memory]) => {
        const pages = [...memory.writtenPages()].filter(([, bytes]) => bytes.some((byte) => byte !== 0));
        return [name, memory.pages, pages.map(([page, bytes]) => [page, hashOf(bytes)])];
    });
    // Read back, because jest tells apart maps of its own and those that a file was read into.
    return [decodeData(encodeData(records)), [...modules.keys()], contents];
}
