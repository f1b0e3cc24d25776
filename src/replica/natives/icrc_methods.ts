/** ICRC-1 and ICRC-2 over the books of a token. */
import { nat, nat8, opt, text, type Decoded } from '../candid/codecs';
import { sameId } from '../state/principals';
import { account, isWellFormed, type Account } from './accounts';
import { party, type Party } from './book_types';
import {
    allowanceArgument,
    allowanceResult,
    approveArgument,
    approveResult,
    metadata,
    standards,
    transferArgument,
    transferFromArgument,
    transferFromResult,
    transferResult
} from './icrc_types';
import { answered, query, refused, update, type Methods, type NativeMethod, type Outcome } from './service';
import type { TokenBook } from './token_book';

const maxMemoBytes = 32;
const malformed = 'The subaccount of an account must have 32 bytes.';
const memoTooLong = `The memo must have at most ${maxMemoBytes} bytes.`;

type MethodList = readonly (readonly [name: string, method: NativeMethod])[];

/** A standard and where it is written. */
export type Standard = readonly [name: string, url: string];

/** All methods of both standards; the ledger says that it supports these. */
export function icrcMethods(book: TokenBook, supported: readonly Standard[], more: Metadata = []): Methods {
    return new Map([...tokenFacts(book, supported, more), ...readers(book), ...writers(book)]);
}

/** Entries of `icrc1_metadata`. */
export type Metadata = Decoded<typeof metadata>;

function tokenFacts({ rules }: TokenBook, supported: readonly Standard[], more: Metadata): MethodList {
    const listed = supported.map(([name, url]) => ({ name, url }));
    const described: Metadata = [
        ['icrc1:decimals', { kind: 'Nat', value: BigInt(rules.decimals) }],
        ['icrc1:name', { kind: 'Text', value: rules.name }],
        ['icrc1:symbol', { kind: 'Text', value: rules.symbol }],
        ['icrc1:fee', { kind: 'Nat', value: rules.fee }],
        ...more
    ];
    return [
        ['icrc1_name', query({ result: text, run: () => rules.name })],
        ['icrc1_symbol', query({ result: text, run: () => rules.symbol })],
        ['icrc1_decimals', query({ result: nat8, run: () => rules.decimals })],
        ['icrc1_fee', query({ result: nat, run: () => rules.fee })],
        ['icrc1_metadata', query({ result: metadata, run: () => described })],
        ['icrc1_minting_account', query({ result: opt(account), run: () => rules.mintingAccount })],
        ['icrc1_supported_standards', query({ result: standards, run: () => listed })],
        ['icrc10_supported_standards', query({ result: standards, run: () => listed })]
    ];
}

function readers(book: TokenBook): MethodList {
    return [
        ['icrc1_total_supply', query({ result: nat, run: () => book.supply })],
        [
            'icrc1_balance_of',
            query({ argument: account, result: nat, run: (of) => (isWellFormed(of) ? book.balance(party(of)) : 0n) })
        ],
        [
            'icrc2_allowance',
            query({
                argument: allowanceArgument,
                result: allowanceResult,
                run: ({ account: from, spender }, { nowNs }) => {
                    const { amount, expiresAtNs } = book.allowance(party(from), party(spender), nowNs);
                    return { allowance: amount, expires_at: expiresAtNs };
                }
            })
        ]
    ];
}

function writers(book: TokenBook): MethodList {
    return [
        ['icrc1_transfer', transfer(book)],
        ['icrc2_transfer_from', transferFrom(book)],
        ['icrc2_approve', approve(book)]
    ];
}

function transfer(book: TokenBook): NativeMethod {
    return update({
        argument: transferArgument,
        result: transferResult,
        run: ({ from_subaccount, to, amount, fee, memo, created_at_time: createdAtNs }, { caller, nowNs }) => {
            const from = { owner: caller, subaccount: from_subaccount };
            return withParties([from, to], memo, ([sender, receiver]) =>
                answered(book.transfer({ from: sender, to: receiver, amount, fee, memo, createdAtNs, nowNs }))
            );
        }
    });
}

function transferFrom(book: TokenBook): NativeMethod {
    return update({
        argument: transferFromArgument,
        result: transferFromResult,
        run: ({ spender_subaccount, from, to, amount, fee, memo, created_at_time: createdAtNs }, { caller, nowNs }) => {
            const spender = { owner: caller, subaccount: spender_subaccount };
            return withParties([from, to, spender], memo, ([source, target, taker]) => {
                if (book.mintsOrBurns(source, source)) return refused('the minter account cannot delegate mints');
                const parties = { from: source, to: target, spender: taker };
                return answered(book.transferFrom({ ...parties, amount, fee, memo, createdAtNs, nowNs }));
            });
        }
    });
}

function approve(book: TokenBook): NativeMethod {
    return update({
        argument: approveArgument,
        result: approveResult,
        run: (argument, { caller, nowNs }) => {
            const { amount, fee, memo, expected_allowance: expectedAllowance } = argument;
            const { expires_at: expiresAtNs, created_at_time: createdAtNs } = argument;
            const owner = { owner: caller, subaccount: argument.from_subaccount };
            return withParties([owner, argument.spender], memo, ([from, spender]) => {
                if (sameId(caller, argument.spender.owner)) return refused('self approval is not allowed');
                if (book.mintsOrBurns(from, from)) return refused('the minting account cannot delegate mints');
                const terms = { amount, fee, memo, expectedAllowance, expiresAtNs, createdAtNs };
                return answered(book.approve({ from, spender, ...terms, nowNs }));
            });
        }
    });
}

type PartiesOf<Accounts extends readonly Account[]> = { readonly [Index in keyof Accounts]: Party };

/** Goes on with the parties of well-formed accounts; ill-formed accounts and long memos are refused, as the ledgers trap. */
export function withParties<Accounts extends readonly Account[], R>(
    accounts: readonly [...Accounts],
    memo: Uint8Array | undefined,
    run: (parties: PartiesOf<Accounts>) => Outcome<R>
): Outcome<R> {
    if (!accounts.every(isWellFormed)) return refused(malformed);
    if ((memo?.length ?? 0) > maxMemoBytes) return refused(memoTooLong);
    return run(accounts.map(party) as PartiesOf<Accounts>);
}
