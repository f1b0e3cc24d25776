/** The ICP ledger: the interface by account identifiers beside ICRC-1 and ICRC-2. */
import { blob, bool, nat32, nat64, principal, record, text, vec, type Decoded } from '../candid/codecs';
import { equalBytes } from '../wire/bytes';
import { account, accountIdentifier, defaultAccount, isAccountIdentifier } from './accounts';
import { icpAllowances } from './allowances';
import { party, partyOfIdentifier, type TransferFailure } from './book_types';
import type { LedgerParts } from './ledger_parts';
import { consentMethod } from './consent_messages';
import { icpBlockMethods } from './icp_blocks';
import {
    legacyTransferArgument,
    legacyTransferError,
    legacyTransferResult,
    removeApprovalArgument,
    sendArgument,
    tokens
} from './icp_types';
import { icrcMethods, withParties } from './icrc_methods';
import { approveResult } from './icrc_types';
import { metricsMethod } from './metrics';
import {
    answered,
    fallibleQuery,
    query,
    refused,
    update,
    type Methods,
    type NativeMethod,
    type Outcome,
    type QueryContext,
    type UpdateContext
} from './service';
import type { TokenBook } from './token_book';

type MethodList = readonly (readonly [name: string, method: NativeMethod])[];

const standards = [
    ['ICRC-1', 'https://github.com/dfinity/ICRC-1/tree/main/standards/ICRC-1'],
    ['ICRC-2', 'https://github.com/dfinity/ICRC-1/tree/main/standards/ICRC-2'],
    [
        'ICRC-21',
        'https://github.com/dfinity/wg-identity-authentication/blob/main/topics/ICRC-21/icrc_21_consent_msg.md'
    ],
    ['ICRC-10', 'https://github.com/dfinity/ICRC/blob/main/ICRCs/ICRC-10/ICRC-10.md']
] as const;

/** All methods. */
export function icpLedgerMethods({ book, chain, index }: LedgerParts): Methods {
    return new Map<string, NativeMethod>([
        ['transfer', legacyTransfer(book)],
        ['send_dfx', sendDfx(book)],
        ['remove_approval', removeApproval(book)],
        ['get_allowances', icpAllowances(index)],
        ['icrc21_canister_call_consent_message', consentMethod(book.rules)],
        [
            'http_request',
            metricsMethod(() => [
                { name: 'ledger_total_blocks', help: 'Total number of blocks.', value: book.length },
                {
                    name: 'ledger_total_supply',
                    help: 'Tokens outside of the minting account, in e8s.',
                    value: book.supply
                }
            ])
        ],
        ...balances(book),
        ...constants(book),
        ...icpBlockMethods(chain),
        ...icrcMethods(book, standards)
    ]);
}

const identifierBytes = 32;
const invalidIdentifier = 'Invalid account identifier: its checksum is wrong.';

function balances(book: TokenBook): MethodList {
    // An account identifier does not tell its owner, to whom the faucet may have something to give; but it is the caller mostly.
    const balanceOf = (identifier: Uint8Array, { caller }: QueryContext): Outcome<{ readonly e8s: bigint }> => {
        if (!isAccountIdentifier(identifier)) return refused(invalidIdentifier);
        const own = party(defaultAccount(caller));
        const of = equalBytes(own.identifier, identifier) ? own : partyOfIdentifier(identifier);
        return answered({ e8s: book.balance(of) });
    };
    return [
        [
            'account_balance',
            fallibleQuery({
                argument: record({ account: blob }),
                result: tokens,
                // What has not the length of an identifier is an account without tokens.
                run: (of, context) =>
                    of.account.length === identifierBytes ? balanceOf(of.account, context) : answered({ e8s: 0n })
            })
        ],
        [
            'account_balance_dfx',
            fallibleQuery({
                argument: record({ account: text }),
                result: tokens,
                run: (of, context) => balanceOf(new Uint8Array(Buffer.from(of.account, 'hex')), context)
            })
        ],
        ['account_identifier', query({ argument: account, result: blob, run: accountIdentifier })]
    ];
}

function constants({ rules }: TokenBook): MethodList {
    const archives = record({ archives: vec(record({ canister_id: principal })) });
    const fee = { transfer_fee: { e8s: rules.fee } };
    return [
        ['symbol', query({ result: record({ symbol: text }), run: () => ({ symbol: rules.symbol }) })],
        ['name', query({ result: record({ name: text }), run: () => ({ name: rules.name }) })],
        ['decimals', query({ result: record({ decimals: nat32 }), run: () => ({ decimals: rules.decimals }) })],
        ['transfer_fee', query({ argument: record({}), result: record({ transfer_fee: tokens }), run: () => fee })],
        ['archives', query({ result: archives, run: () => ({ archives: [] }) })],
        ['is_ledger_ready', query({ result: bool, run: () => true })]
    ];
}

type LegacyArgument = Decoded<typeof legacyTransferArgument>;
type LegacyResult = Decoded<typeof legacyTransferResult>;
type LegacyError = Decoded<typeof legacyTransferError>;

function legacyTransfer(book: TokenBook): NativeMethod {
    return update({
        argument: legacyTransferArgument,
        result: legacyTransferResult,
        run: (argument, context) => transferByIdentifier(book, argument, context)
    });
}

function transferByIdentifier(
    book: TokenBook,
    argument: LegacyArgument,
    { caller, nowNs }: UpdateContext
): Outcome<LegacyResult> {
    const { to, memo: numericMemo, amount, fee, created_at_time: createdAt } = argument;
    if (!isAccountIdentifier(to)) return refused(invalidIdentifier);
    const from = { owner: caller, subaccount: argument.from_subaccount };
    return withParties([from], undefined, ([sender]) => {
        const receiver = partyOfIdentifier(to);
        const minted = book.mintsOrBurns(sender, receiver);
        if (minted !== undefined && fee.e8s !== 0n) return refused(`Fee for ${minted} should be zero`);
        const createdAtNs = createdAt?.timestamp_nanos;
        const order = { from: sender, to: receiver, amount: amount.e8s, fee: fee.e8s, numericMemo, createdAtNs, nowNs };
        const outcome = book.transfer(order);
        return outcome.kind === 'Ok' ? answered(outcome) : legacyFailure(outcome.value);
    });
}

/** The same with the receiver in hex, and the failures as traps. */
function sendDfx(book: TokenBook): NativeMethod {
    return update({
        argument: sendArgument,
        result: nat64,
        run: (argument, context) => {
            const to = new Uint8Array(Buffer.from(argument.to, 'hex'));
            const outcome = transferByIdentifier(book, { ...argument, to }, context);
            if (outcome.kind === 'refused') return outcome;
            const { value } = outcome;
            return value.kind === 'Ok' ? answered(value.value) : refused(failureText(value.value));
        }
    });
}

/** An approval of nothing, for a spender of whom only the identifier is known. */
function removeApproval(book: TokenBook): NativeMethod {
    return update({
        argument: removeApprovalArgument,
        result: approveResult,
        run: ({ from_subaccount, spender, fee }, { caller, nowNs }) => {
            if (!isAccountIdentifier(spender)) return refused(invalidIdentifier);
            return withParties([{ owner: caller, subaccount: from_subaccount }], undefined, ([from]) =>
                answered(book.approve({ from, spender: partyOfIdentifier(spender), amount: 0n, fee, nowNs }))
            );
        }
    });
}

const windowNs = 86_400_000_000_000n;
const nsPerSecond = 1_000_000_000n;

/** The same failures under their older names. */
function legacyFailure(failure: TransferFailure): Outcome<LegacyResult> {
    const err = (value: LegacyError): Outcome<LegacyResult> => answered({ kind: 'Err', value });
    switch (failure.kind) {
        case 'BadFee':
            return err({ kind: 'BadFee', value: { expected_fee: { e8s: failure.value.expected_fee } } });
        case 'InsufficientFunds':
            return err({ kind: 'InsufficientFunds', value: { balance: { e8s: failure.value.balance } } });
        case 'TooOld':
            return err({ kind: 'TxTooOld', value: { allowed_window_nanos: windowNs } });
        case 'CreatedInFuture':
            return err({ kind: 'TxCreatedInFuture', value: null });
        case 'Duplicate':
            return err({ kind: 'TxDuplicate', value: { duplicate_of: failure.value.duplicate_of } });
        case 'BadBurn':
            return refused(`Burns lower than ${amountText(failure.value.min_burn_amount)} are not allowed`);
    }
}

/** As the ledger's traps say it. */
function failureText(failure: LegacyError): string {
    switch (failure.kind) {
        case 'BadFee':
            return `transfer fee should be ${amountText(failure.value.expected_fee.e8s)}`;
        case 'InsufficientFunds':
            return `the debit account doesn't have enough funds to complete the transaction, current balance: ${amountText(failure.value.balance.e8s)}`;
        case 'TxTooOld':
            return `transaction is older than ${windowNs / nsPerSecond} seconds`;
        case 'TxCreatedInFuture':
            return "transaction's created_at_time is in future";
        case 'TxDuplicate':
            return `transaction is a duplicate of another transaction in block ${failure.value.duplicate_of}`;
    }
}

const e8sPerToken = 100_000_000n;

function amountText(e8s: bigint): string {
    return `${e8s / e8sPerToken}.${(e8s % e8sPerToken).toString().padStart(8, '0')} Token`;
}
