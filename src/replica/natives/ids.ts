/** Where the system's own canisters live, here as on the real network. */
import { Principal } from '@dfinity/principal';
import { canisterIdOfIndex } from '../state/principals';

/** `rwlgt-iiaaa-aaaaa-aaaaa-cai` */
export const registryId = canisterIdOfIndex(0n);
/** `rrkah-fqaaa-aaaaa-aaaaq-cai`, whose default account mints ICP. */
export const governanceId = canisterIdOfIndex(1n);
/** `ryjl3-tyaaa-aaaaa-aaaba-cai` */
export const icpLedgerId = canisterIdOfIndex(2n);
/** `rkp4c-7iaaa-aaaaa-aaaca-cai` */
export const cyclesMintingId = canisterIdOfIndex(4n);
/** `um5iw-rqaaa-aaaaq-qaaba-cai` */
export const cyclesLedgerId = canisterIdOfIndex(0x0210_0002n);
/** `qhbym-qaaaa-aaaaa-aaafq-cai`, the index of the ICP ledger */
export const icpIndexId = canisterIdOfIndex(11n);
/** `ul4oc-4iaaa-aaaaq-qaabq-cai`, the index of the cycles ledger */
export const cyclesIndexId = canisterIdOfIndex(0x0210_0003n);
/** A user that test environments of the real ledger have made rich; its key is known to everybody. */
export const richTestUser = Principal.fromText(
    'hpikg-6exdt-jn33w-ndty3-fc7jc-tl2lr-buih3-cs3y7-tftkp-sfp62-gqe'
).toUint8Array();
