import type { Principal } from '@dfinity/principal';
import { latin1Of } from '../../../src/core/candid/utf8';

/** A principal as a key of heap maps: its bytes as characters. The textual form costs a checksum. */
export function principalText(principal: Principal): string {
    return latin1Of(principal.toUint8Array());
}
