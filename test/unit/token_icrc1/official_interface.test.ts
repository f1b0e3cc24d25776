/** The ledger against the interfaces that wallets, exchanges and indexers have clients for: the official suite's. */
import { IDL } from '@dfinity/candid';
import { idlFactory, init } from '../../../src/declarations/token_icrc1';
import { gaps, serviceGaps, unread } from '../../support/candid_gaps';
import { icrc107, newestIndex, NewestLedgerArg, officialIndex, officialLedger } from '../../support/official_interface';

const ours = idlFactory({ IDL }) as unknown as IDL.ServiceClass;
const method = (name: string): IDL.FuncClass => {
    const found = ours._fields.find(([offered]) => offered === name)?.[1];
    if (found === undefined) throw new Error(`${name} is not offered`);
    return found;
};

/** The part of an interface that both sides have, with ours in its place. */
const shared = (official: IDL.ServiceClass): IDL.ServiceClass =>
    IDL.Service(Object.fromEntries(official._fields.map(([name]) => [name, method(name)])));

test('a client of the official ledger finds every method, can say all it wants to, and loses nothing of an answer', () => {
    expect(officialLedger._fields.length).toBeGreaterThan(25);
    expect(serviceGaps(ours, officialLedger)).toEqual([]);
    expect(serviceGaps(ours, icrc107)).toEqual([]);
});

test('a client of the official index misses only the ranges of legacy fee collectors, which ICRC-107 replaces', () => {
    expect(serviceGaps(ours, officialIndex)).toEqual(['get_fee_collectors_ranges: not offered']);
});

test('a client of the newest index finds null only where this ledger has nothing to tell', () => {
    const at = 'get_account_transactions#Ok.transactions[].transaction';
    const absent = serviceGaps(ours, newestIndex).map((gap) => gap.replace(at, ''));
    expect(absent.sort()).toEqual(
        [
            '.burn.fee: always null',
            '.deactivate: always null',
            '.freeze_account: always null',
            '.freeze_principal: always null',
            '.mint.fee: always null',
            '.pause: always null',
            '.unfreeze_account: always null',
            '.unfreeze_principal: always null',
            '.unpause: always null'
        ].sort()
    );
});

test('a client made from our interface reads the official ledger, but for the blocks of ICRC-107 in its old history', () => {
    const { length } = officialLedger._fields;
    expect(shared(officialLedger)._fields).toHaveLength(length);
    // The archives' transactions are of the same type.
    expect(serviceGaps(officialLedger, shared(officialLedger))).toEqual([
        'get_transactions.transactions[].fee_collector: always null'
    ]);
    expect(serviceGaps(newestIndex, shared(newestIndex))).toEqual([]);
});

test('every option of the official arguments is understood', () => {
    const [argument = IDL.Empty] = init({ IDL });
    expect(unread(NewestLedgerArg, argument)).toEqual([]);
    expect(gaps(NewestLedgerArg, argument).filter((gap) => !gap.endsWith('always null'))).toEqual([]);
});
