import { bytesKey, codecOf, u64, u64Key, type Codec } from '../../src/core/codec';
import { cachedCell } from '../../src/core/cached_cell';
import type { TableFactory } from '../../src/core/table';
import { accountRowCodec, Accounts } from './domain/accounts';
import { Agenda } from './domain/agenda';
import { Allowances, allowanceCodec } from './domain/allowances';
import { Archives, archivesCodec } from './domain/archives';
import { Archiving, archivingCodec } from './domain/archiving';
import { Chain, chainCodec, knownAccountCodec, NO_CHAIN } from './domain/chain';
import { Genesis, genesisCodec } from './domain/genesis';
import { Journal } from './domain/journal';
import { Ledger, type Books } from './domain/ledger';
import { nodeCodec, OrderedSets } from './domain/ordered_sets';
import { settingsCodec, Token } from './domain/token';
import { TransactionWindow } from './domain/window';

/** Changes when stored bytes change their meaning; an upgrade across versions needs a migration. */
export const SCHEMA_VERSION = 2;

/** One stable memory per table. Numbers are for ever. */
const MEMORY = {
    accounts: 0,
    allowances: 1,
    expiries: 2,
    window: 3,
    blocks: 4,
    histories: 5,
    subaccounts: 6,
    approvals: 7,
    hashes: 8,
    accountDigests: 9
} as const;

const nothing: Codec<undefined> = { encode: () => new Uint8Array(0), decode: () => undefined };

/** Everything that the ledger remembers. */
export interface Storage {
    readonly books: Books;
    readonly ledger: Ledger;
    readonly genesis: Genesis;
    readonly archiving: Archiving;
}

/** The ledger over its tables: stable memory in the canister, plain memory in a test. */
export function openStorage(tables: TableFactory): Storage {
    const journal = new Journal(
        tables.table(MEMORY.blocks, u64Key, bytesKey),
        cachedCell(tables.cell('first_block', codecOf(u64), 0n)),
        cachedCell(tables.cell('archived', codecOf(u64), 0n))
    );
    const chain = new Chain(
        journal,
        tables.table(MEMORY.hashes, u64Key, bytesKey),
        tables.table(MEMORY.accountDigests, bytesKey, knownAccountCodec),
        tables.cell('chain', chainCodec, NO_CHAIN)
    );
    const archives = new Archives(cachedCell(tables.cell('archives', archivesCodec, [])));
    const books: Books = {
        token: new Token(tables.cell('token', settingsCodec, undefined)),
        accounts: new Accounts(
            tables.table(MEMORY.accounts, bytesKey, accountRowCodec),
            tables.table(MEMORY.histories, bytesKey, bytesKey),
            new OrderedSets(tables.table(MEMORY.subaccounts, bytesKey, nodeCodec))
        ),
        allowances: new Allowances(
            tables.table(MEMORY.allowances, bytesKey, allowanceCodec),
            new Agenda(tables.ordered(MEMORY.expiries, bytesKey, nothing)),
            new OrderedSets(tables.table(MEMORY.approvals, bytesKey, nodeCodec))
        ),
        window: new TransactionWindow(new Agenda(tables.ordered(MEMORY.window, bytesKey, u64Key))),
        journal,
        chain,
        archives
    };
    const ledger = new Ledger(books);
    return {
        books,
        ledger,
        genesis: new Genesis(tables.cell('genesis', genesisCodec, { kind: 'none' }), ledger),
        archiving: new Archiving(cachedCell(tables.cell('archiving', archivingCodec, {})), archives, journal, chain)
    };
}
