/** Random blocks in their stored form. */
import { Principal } from '@dfinity/principal';
import fc from 'fast-check';
import type { Account } from '../../../src/core/account';
import { fromHex } from '../../../src/core/bytes';
import { blockCodec } from '../../../canisters/token_icrc1/domain/journal';
import { transactionCodec, type Transaction } from '../../../canisters/token_icrc1/domain/transaction';
import { account, ALICE, BOB, MINTER, T0 } from './fixture';

const raw = (owner: string): Account => ({ owner: Principal.fromUint8Array(fromHex(owner) ?? new Uint8Array()) });
const anAccount = fc.constantFrom(ALICE, account(2, 0), account(3, 9), MINTER, raw('04'), raw(''));
const nat = fc.oneof(fc.constantFrom(0n, 127n, 128n, 2n ** 53n, 2n ** 64n - 1n, 2n ** 64n), fc.bigInt(0n, 2n ** 200n));
const time = fc.oneof(fc.bigInt(0n, 2n ** 64n - 1n), fc.constantFrom(T0, 2n ** 53n - 1n, 2n ** 53n + 1n));
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const common = { amount: nat, memo: maybe(fc.uint8Array({ maxLength: 80 })), createdAtNs: maybe(time) };
const kind = <K extends string>(name: K) => fc.constant(name);
const transaction: fc.Arbitrary<Transaction> = fc.oneof(
    fc.record({ kind: kind('mint'), ...common, to: anAccount }),
    fc.record({ kind: kind('burn'), ...common, from: anAccount, spender: maybe(anAccount) }),
    fc.record({
        kind: kind('transfer'),
        ...common,
        from: anAccount,
        to: anAccount,
        spender: maybe(anAccount),
        fee: maybe(nat)
    }),
    fc.record({
        kind: kind('approve'),
        ...common,
        from: anAccount,
        spender: anAccount,
        fee: maybe(nat),
        expectedAllowance: maybe(nat),
        expiresAtNs: maybe(time)
    }),
    fc.record({
        kind: kind('fee_collector'),
        caller: fc.constantFrom(ALICE.owner, BOB.owner),
        feeCollector: maybe(anAccount),
        createdAtNs: time
    })
);

/** Bytes as the log stores them: any kind of transaction, numbers of any size. */
export const aStoredBlock: fc.Arbitrary<Uint8Array> = fc
    .record({ transaction, tsNs: time, fee: maybe(nat), minted: nat, burned: nat })
    .map((block) => blockCodec.encode({ ...block, transaction: transactionCodec.encode(block.transaction) }));
