/** The smallest canister that Azle makes: what every other canister's figures start from. */
import { IDL } from '@dfinity/candid';
import { join } from 'node:path';
import { smallCanister } from './small_canister';

/** Its methods take nothing and answer nothing. */
export const emptyInterface: IDL.InterfaceFactory = ({ IDL: idl }) =>
    idl.Service({ update_nothing: idl.Func([], [], []), query_nothing: idl.Func([], [], ['query']) });

/** `()` */
export const NO_ARGUMENTS: Uint8Array = new Uint8Array(IDL.encode([], []));

function source(root: string): string {
    return `import { IDL } from 'azle';
import { query, SERVED_WHILE_PAUSED, update } from ${JSON.stringify(join(root, 'src', 'azle', 'endpoint'))};

export default class {
    @update([], IDL.Null, SERVED_WHILE_PAUSED)
    update_nothing(): null {
        return null;
    }

    @query([], IDL.Null)
    query_nothing(): null {
        return null;
    }
}
`;
}

/** Gzipped module, as it is installed; built once per version of its sources. */
export function emptyCanister(): Promise<Uint8Array> {
    return smallCanister({ name: 'empty', source });
}
