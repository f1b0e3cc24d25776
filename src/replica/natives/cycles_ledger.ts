/** The cycles ledger: cycles of users as ICRC-1 and ICRC-2 tokens, which create canisters and top them up. */
import type { Decoded } from '../candid/codecs';
import type { NativeHost } from '../state/native';
import { idText } from '../state/principals';
import type { Account } from './accounts';
import type { Booked, BurnFailure, InsufficientAllowance, Party } from './book_types';
import { icrc103Allowances } from './allowances';
import { createCanister, type Creation, type CreationArgument } from './canister_creation';
import {
    createCanisterArgument,
    createCanisterFromArgument,
    createCanisterFromResult,
    createCanisterResult,
    depositArgument,
    depositResult,
    indexPrincipal,
    withdrawArgument,
    withdrawFromArgument,
    withdrawFromResult,
    withdrawResult
} from './cycles_ledger_types';
import { blockLogMethods } from './icrc3';
import type { LedgerParts } from './ledger_parts';
import { cyclesIndexId } from './ids';
import { icrcMethods, withParties, type Metadata } from './icrc_methods';
import { metricsMethod } from './metrics';
import type { Placement } from './placement';
import { answered, query, refused, update, type Methods, type NativeMethod, type Outcome } from './service';
import type { TokenBook } from './token_book';

/** The books, and which canister each creation made, for those who ask twice. */
export interface CyclesLedgerState extends LedgerParts {
    readonly created: Map<bigint, Uint8Array>;
}

const standardsUrl = 'https://github.com/dfinity/ICRC-1/blob/main/standards';
const standards = ['ICRC-1', 'ICRC-2', 'ICRC-3', 'ICRC-10', 'ICRC-103', 'ICRC-106'].map(
    (name) => [name, `${standardsUrl}/${name}/README.md`] as const
);
const metadata: Metadata = [
    ['icrc1:max_memo_length', { kind: 'Nat', value: 32n }],
    ['dfn:index_id', { kind: 'Blob', value: cyclesIndexId }]
];

/** All methods. */
export function cyclesLedgerMethods(state: CyclesLedgerState, placement: Placement): Methods {
    const { book, chain, index } = state;
    return new Map<string, NativeMethod>([
        ['deposit', deposit(book)],
        ['withdraw', withdraw(book)],
        ['withdraw_from', withdrawFrom(book)],
        ['create_canister', create(state, placement)],
        ['create_canister_from', createFrom(state, placement)],
        ['icrc103_get_allowances', icrc103Allowances(index)],
        [
            'icrc106_get_index_principal',
            query({ result: indexPrincipal, run: () => ({ kind: 'Ok' as const, value: cyclesIndexId }) })
        ],
        [
            'http_request',
            metricsMethod(() => [
                { name: 'cycles_ledger_number_of_blocks', help: 'Total number of blocks.', value: book.length },
                { name: 'cycles_ledger_total_supply', help: 'Cycles in all accounts.', value: book.supply }
            ])
        ],
        ...icrcMethods(book, standards, metadata),
        ...blockLogMethods(chain)
    ]);
}

function deposit(book: TokenBook): NativeMethod {
    return update({
        argument: depositArgument,
        result: depositResult,
        run: ({ to, memo }, { cycles, nowNs }) =>
            withParties([to], memo, ([receiver]) => {
                const { fee } = book.rules;
                if (cycles <= fee) return refused(`A deposit must be larger than the fee of ${fee} cycles.`);
                const index = book.mint(receiver, cycles - fee, { memo }, nowNs);
                return answered({ balance: book.balance(receiver), block_index: index }, cycles);
            })
    });
}

const opaqueIdMaxBytes = 28;

/** Ids of users are longer than those of canisters. */
function isUser(id: Uint8Array): boolean {
    return id.length > opaqueIdMaxBytes;
}

const destinationInvalid = { kind: 'DestinationInvalid', value: null } as const;

function notFound(canisterId: Uint8Array): string {
    return `Canister ${idText(canisterId)} not found.`;
}

function withdraw(book: TokenBook): NativeMethod {
    return update({
        argument: withdrawArgument,
        result: withdrawResult,
        run: ({ from_subaccount, to, amount, created_at_time: createdAtNs }, { caller, nowNs, host }) =>
            withParties(
                [{ owner: caller, subaccount: from_subaccount }],
                undefined,
                ([from]): Outcome<Decoded<typeof withdrawResult>> => {
                    if (isUser(to)) {
                        return answered({ kind: 'Err', value: { kind: 'InvalidReceiver', value: { receiver: to } } });
                    }
                    const burnt = book.burn({ from, amount, memo: to, createdAtNs, nowNs });
                    if (burnt.kind === 'Err' || host.depositCycles(to, amount)) return answered(burnt);
                    // The fee stays burnt, as the real ledger keeps it.
                    book.mint(from, amount, {}, nowNs);
                    const value = {
                        fee_block: burnt.value,
                        rejection_code: destinationInvalid,
                        rejection_reason: notFound(to)
                    };
                    return answered({ kind: 'Err', value: { kind: 'FailedToWithdraw', value } });
                }
            )
    });
}

function withdrawFrom(book: TokenBook): NativeMethod {
    return update({
        argument: withdrawFromArgument,
        result: withdrawFromResult,
        run: ({ spender_subaccount, from: source, to, amount, created_at_time: createdAtNs }, context) => {
            const { caller, nowNs, host } = context;
            const taker = { owner: caller, subaccount: spender_subaccount };
            return withParties(
                [source, taker],
                undefined,
                ([from, spender]): Outcome<Decoded<typeof withdrawFromResult>> => {
                    if (isUser(to)) {
                        return answered({ kind: 'Err', value: { kind: 'InvalidReceiver', value: { receiver: to } } });
                    }
                    const burnt = book.burnFrom({ from, spender, amount, memo: to, createdAtNs, nowNs });
                    if (burnt.kind === 'Err' || host.depositCycles(to, amount)) return answered(burnt);
                    const refund = book.mint(from, amount, {}, nowNs);
                    const value = {
                        withdraw_from_block: burnt.value,
                        refund_block: refund,
                        approval_refund_block: undefined,
                        rejection_code: destinationInvalid,
                        rejection_reason: notFound(to)
                    };
                    return answered({ kind: 'Err', value: { kind: 'FailedToWithdrawFrom', value } });
                }
            );
        }
    });
}

/** A creation whose price has been burnt, or why it was not. */
type Bought<F> =
    | { readonly kind: 'created'; readonly block: bigint; readonly canisterId: Uint8Array }
    | { readonly kind: 'refunded'; readonly block: bigint; readonly refund: bigint; readonly why: string }
    | { readonly kind: 'unpaid'; readonly failure: F };

interface Purchase {
    readonly payer: Party;
    readonly controller: Uint8Array;
    readonly amount: bigint;
    readonly options: CreationArgument | undefined;
    readonly placement: Placement;
}

function buy<F>(
    { book, created }: CyclesLedgerState,
    { payer, controller, amount, options, placement }: Purchase,
    paid: Booked<F>,
    { host, nowNs }: { readonly host: NativeHost; readonly nowNs: bigint }
): Bought<F> {
    if (paid.kind === 'Err') return { kind: 'unpaid', failure: paid.value };
    const creation: Creation = createCanister(host, placement, {
        controller,
        selection: options?.subnet_selection,
        settings: options?.settings,
        cycles: amount
    });
    if (creation.ok) {
        created.set(paid.value, creation.canisterId);
        return { kind: 'created', block: paid.value, canisterId: creation.canisterId };
    }
    return { kind: 'refunded', block: paid.value, refund: book.mint(payer, amount, {}, nowNs), why: creation.why };
}

type WithCanister<F> =
    | Exclude<F, { readonly kind: 'Duplicate' }>
    | {
          readonly kind: 'Duplicate';
          readonly value: { readonly duplicate_of: bigint; readonly canister_id: Uint8Array | undefined };
      };

/** A repeated creation is told which canister it made. */
function withCanister<F extends BurnFailure | InsufficientAllowance>(
    { created }: CyclesLedgerState,
    failure: F
): WithCanister<F> {
    if (failure.kind !== 'Duplicate') return failure as Exclude<F, { readonly kind: 'Duplicate' }>;
    const { duplicate_of } = failure.value;
    return { kind: 'Duplicate', value: { duplicate_of, canister_id: created.get(duplicate_of) } };
}

function create(state: CyclesLedgerState, placement: Placement): NativeMethod {
    return update({
        argument: createCanisterArgument,
        result: createCanisterResult,
        run: ({ from_subaccount, amount, created_at_time: createdAtNs, creation_args: options }, context) => {
            const { caller: controller, nowNs } = context;
            const own = { owner: controller, subaccount: from_subaccount };
            return withParties([own], undefined, ([payer]): Outcome<Decoded<typeof createCanisterResult>> => {
                const paid = state.book.burn({ from: payer, amount, createdAtNs, nowNs });
                const bought = buy(state, { payer, controller, amount, options, placement }, paid, context);
                switch (bought.kind) {
                    case 'created':
                        return answered({ kind: 'Ok', value: success(bought) });
                    case 'unpaid':
                        return answered({ kind: 'Err', value: withCanister(state, bought.failure) });
                    case 'refunded': {
                        const { block, refund, why } = bought;
                        const value = { fee_block: block, refund_block: refund, error: why };
                        return answered({ kind: 'Err', value: { kind: 'FailedToCreate', value } });
                    }
                }
            });
        }
    });
}

function createFrom(state: CyclesLedgerState, placement: Placement): NativeMethod {
    return update({
        argument: createCanisterFromArgument,
        result: createCanisterFromResult,
        run: ({ spender_subaccount, from, amount, created_at_time: createdAtNs, creation_args: options }, context) => {
            const { caller: controller, nowNs } = context;
            const taker: Account = { owner: controller, subaccount: spender_subaccount };
            return withParties(
                [from, taker],
                undefined,
                ([payer, spender]): Outcome<Decoded<typeof createCanisterFromResult>> => {
                    const paid = state.book.burnFrom({ from: payer, spender, amount, createdAtNs, nowNs });
                    const bought = buy(state, { payer, controller, amount, options, placement }, paid, context);
                    switch (bought.kind) {
                        case 'created':
                            return answered({ kind: 'Ok', value: success(bought) });
                        case 'unpaid':
                            return answered({ kind: 'Err', value: withCanister(state, bought.failure) });
                        case 'refunded': {
                            const value = {
                                create_from_block: bought.block,
                                refund_block: bought.refund,
                                approval_refund_block: undefined,
                                rejection_code: { kind: 'CanisterError', value: null } as const,
                                rejection_reason: bought.why
                            };
                            return answered({ kind: 'Err', value: { kind: 'FailedToCreateFrom', value } });
                        }
                    }
                }
            );
        }
    });
}

function success({ block, canisterId }: { readonly block: bigint; readonly canisterId: Uint8Array }): {
    readonly block_id: bigint;
    readonly canister_id: Uint8Array;
} {
    return { block_id: block, canister_id: canisterId };
}
