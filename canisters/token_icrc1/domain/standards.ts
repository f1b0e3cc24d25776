/** An entry of `icrc1_supported_standards` and `icrc10_supported_standards`. */
export interface Standard {
    readonly name: string;
    readonly url: string;
}

const ICRC1 = 'https://github.com/dfinity/ICRC-1/tree/main/standards';
const ICRC = 'https://github.com/dfinity/ICRC';

/** Standards that the ledger keeps, in the official ledger's order and with its addresses; ICRC-107 behind them. */
export const SUPPORTED_STANDARDS: readonly Standard[] = [
    { name: 'ICRC-1', url: `${ICRC1}/ICRC-1` },
    { name: 'ICRC-2', url: `${ICRC1}/ICRC-2` },
    { name: 'ICRC-3', url: `${ICRC1}/ICRC-3` },
    { name: 'ICRC-10', url: `${ICRC}/blob/main/ICRCs/ICRC-10/ICRC-10.md` },
    {
        name: 'ICRC-21',
        url: 'https://github.com/dfinity/wg-identity-authentication/blob/main/topics/ICRC-21/icrc_21_consent_msg.md'
    },
    { name: 'ICRC-103', url: `${ICRC}/tree/main/ICRCs/ICRC-103` },
    { name: 'ICRC-106', url: `${ICRC}/pull/106` },
    { name: 'ICRC-107', url: `${ICRC}/tree/main/ICRCs/ICRC-107` }
];

/** An entry of `icrc3_supported_block_types`. */
export interface BlockType {
    readonly block_type: string;
    readonly url: string;
}

/** Kinds of blocks in the log; those without a `btype` are named as ICRC-3 names them by `op`. */
export const SUPPORTED_BLOCK_TYPES: readonly BlockType[] = [
    { block_type: '1burn', url: `${ICRC1}/ICRC-1/README.md` },
    { block_type: '1mint', url: `${ICRC1}/ICRC-1/README.md` },
    { block_type: '1xfer', url: `${ICRC1}/ICRC-1/README.md` },
    { block_type: '2approve', url: `${ICRC1}/ICRC-2/README.md` },
    { block_type: '2xfer', url: `${ICRC1}/ICRC-2/README.md` },
    { block_type: '107feecol', url: `${ICRC}/tree/main/ICRCs/ICRC-107` }
];
