/** The registry, as far as deployment tools ask it: which subnet a canister is on. */
import { opt, principal, record, result, text } from '../candid/codecs';
import { idText } from '../state/principals';
import { query, type Methods } from './service';

/** All methods; `owns` tells whether an id lies in the subnet's ranges. */
export function registryMethods(subnetId: Uint8Array, owns: (id: Uint8Array) => boolean): Methods {
    return new Map([
        [
            'get_subnet_for_canister',
            query({
                argument: record({ principal: opt(principal) }),
                result: result(record({ subnet_id: opt(principal) }), text),
                run: ({ principal: id }) => {
                    if (id === undefined) return { kind: 'Err' as const, value: 'No canister was named.' };
                    return owns(id)
                        ? { kind: 'Ok' as const, value: { subnet_id: subnetId } }
                        : { kind: 'Err' as const, value: `Canister ${idText(id)} is on no subnet.` };
                }
            })
        ]
    ]);
}
