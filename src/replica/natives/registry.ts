/** The registry, as far as deployment tools ask it: which subnet a canister is on. */
import { opt, principal, record, result, text } from '../candid/codecs';
import { idText } from '../state/principals';
import type { Placement } from './placement';
import { query, type Methods } from './service';

/** All methods. */
export function registryMethods({ subnetOf }: Placement): Methods {
    return new Map([
        [
            'get_subnet_for_canister',
            query({
                argument: record({ principal: opt(principal) }),
                result: result(record({ subnet_id: opt(principal) }), text),
                run: ({ principal: id }) => {
                    if (id === undefined) return { kind: 'Err' as const, value: 'No canister was named.' };
                    const subnetId = subnetOf(id);
                    return subnetId === undefined
                        ? { kind: 'Err' as const, value: `Canister ${idText(id)} is on no subnet.` }
                        : { kind: 'Ok' as const, value: { subnet_id: subnetId } };
                }
            })
        ]
    ]);
}
