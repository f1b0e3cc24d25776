/** Settings that an earlier version stored, before options came that are written behind all others. */
import { accountField } from '../../../src/core/account';
import { blob, codecOf, list, nat, optional, principal, record, text, u32, u64, u8 } from '../../../src/core/codec';
import {
    archivingCodec,
    type ArchiveModule,
    type ArchiveOptions,
    type ArchivingState
} from '../../../canisters/token_icrc1/domain/archiving';
import { metadataEntryField } from '../../../canisters/token_icrc1/domain/metadata';
import { DEFAULT_SETTINGS, settingsCodec, type TokenSettings } from '../../../canisters/token_icrc1/domain/token';
import { ALICE, BOB, CAROL, MINTER } from './fixture';

const options: ArchiveOptions = {
    triggerThreshold: 1n,
    blocksPerCall: 2n,
    blocksPerArchive: 3n,
    cyclesForCreation: 4n,
    controller: ALICE.owner
};
const code = { hash: new Uint8Array(32), chunks: [new Uint8Array(32)] };
const settings: TokenSettings = { ...DEFAULT_SETTINGS, mintingAccount: MINTER, feeCollector: BOB };

test('options of archives without limits', () => {
    const earlier = codecOf(
        record<Pick<ArchivingState, 'options' | 'module' | 'nascent'>>({
            options: optional(
                record<Omit<ArchiveOptions, 'limits'>>({
                    triggerThreshold: u64,
                    blocksPerCall: u64,
                    blocksPerArchive: u64,
                    cyclesForCreation: nat,
                    controller: optional(principal)
                })
            ),
            module: optional(record<ArchiveModule>({ hash: blob, chunks: list(blob) })),
            nascent: optional(principal)
        })
    );
    const state = { options, module: code, nascent: CAROL.owner };
    expect(archivingCodec.decode(earlier.encode(state))).toEqual(state);
    const limits = { moreControllers: [BOB.owner], bytesPerCall: 5n, blocksPerResponse: 6n };
    const now = { ...state, options: { ...options, limits } };
    expect(archivingCodec.decode(archivingCodec.encode(now))).toEqual(now);
    expect(archivingCodec.decode(archivingCodec.encode({}))).toEqual({});
});

test('a token without an index of its own', () => {
    const earlier = codecOf(
        optional(
            record<Omit<TokenSettings, 'indexPrincipal'>>({
                name: text,
                symbol: text,
                decimals: u8,
                fee: nat,
                maxMemoBytes: u32,
                mintingAccount: accountField,
                metadata: list(metadataEntryField),
                feeCollector: optional(accountField)
            })
        )
    );
    expect(settingsCodec.decode(earlier.encode(settings))).toEqual(settings);
    const now = { ...settings, indexPrincipal: ALICE.owner };
    expect(settingsCodec.decode(settingsCodec.encode(now))).toEqual(now);
});
