/** Where the system's own canisters live, here as on the real network. */
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
