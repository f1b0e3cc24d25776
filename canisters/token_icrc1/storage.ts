import { bytesKey, natValue, u64Key, type Codec } from '../../src/core/codec';
import type { TableFactory } from '../../src/core/table';
import { Agenda } from './domain/agenda';
import { Allowances, allowanceCodec } from './domain/allowances';
import { Balances } from './domain/balances';
import { Genesis, genesisCodec } from './domain/genesis';
import { blockCodec, Journal, NO_TOTALS, totalsCodec } from './domain/journal';
import { Ledger, type Books } from './domain/ledger';
import { settingsCodec, Token } from './domain/token';
import { TransactionWindow } from './domain/window';

/** Changes when stored bytes change their meaning; an upgrade across versions needs a migration. */
export const SCHEMA_VERSION = 1;

/** One stable memory per table. Numbers are for ever. */
const MEMORY = { balances: 0, allowances: 1, expiries: 2, window: 3, blocks: 4 } as const;

const nothing: Codec<undefined> = { encode: () => new Uint8Array(0), decode: () => undefined };

/** Everything that the ledger remembers. */
export interface Storage {
    readonly books: Books;
    readonly ledger: Ledger;
    readonly genesis: Genesis;
}

/** The ledger over its tables: stable memory in the canister, plain memory in a test. */
export function openStorage(tables: TableFactory): Storage {
    const books: Books = {
        token: new Token(tables.cell('token', settingsCodec, undefined)),
        balances: new Balances(tables.table(MEMORY.balances, bytesKey, natValue)),
        allowances: new Allowances(
            tables.table(MEMORY.allowances, bytesKey, allowanceCodec),
            new Agenda(tables.ordered(MEMORY.expiries, bytesKey, nothing))
        ),
        window: new TransactionWindow(new Agenda(tables.ordered(MEMORY.window, bytesKey, u64Key))),
        journal: new Journal(
            tables.table(MEMORY.blocks, u64Key, blockCodec),
            tables.cell('totals', totalsCodec, NO_TOTALS)
        )
    };
    const ledger = new Ledger(books);
    return { books, ledger, genesis: new Genesis(tables.cell('genesis', genesisCodec, { kind: 'none' }), ledger) };
}
