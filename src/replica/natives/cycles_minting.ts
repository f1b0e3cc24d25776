/**
 * The cycles minting canister: turns ICP that was sent to it into cycles, in canisters or on the cycles ledger.
 * A payment is a transfer to its account of a subaccount that names the beneficiary, under a memo that names the purpose.
 */
import { nothing, principal, reserved, text, vec, type Decoded } from '../candid/codecs';
import { defaultAccount, principalSubaccount, type Account } from './accounts';
import { idText, sameId } from '../state/principals';
import { toHex } from '../wire/bytes';
import { party, type Block, type Party } from './book_types';
import { createCanister } from './canister_creation';
import { permyriadPerIcp, type ConversionRates } from './conversion_rates';
import { cyclesMintingId } from './ids';
import { withParties } from './icrc_methods';
import {
    authorizedPrincipals,
    conversionRate,
    createArgument,
    createResult,
    mintArgument,
    mintResult,
    notifyCreateArgument,
    notifyCreateResult,
    subnetTypes,
    topUpArgument,
    topUpResult,
    type NotifyError
} from './cycles_minting_types';
import { defaultSubnetType, subnetsOfType, typesToSubnets, type Placement, type SubnetSelection } from './placement';
import { answered, query, refused, update, type Methods, type NativeMethod } from './service';
import type { TokenBook } from './token_book';

/** A trillion cycles cost one XDR: by chance the factors cancel out, and an e8 of ICP buys as many cycles as the rate says. */
const cyclesPerE8 = permyriadPerIcp;

/** What a payment is for: the letters of its name read as a little-endian number, and what a refund costs beside its fee. */
interface Purpose {
    readonly memo: bigint;
    /** As the canister's errors call it. */
    readonly intent: string;
    /** Burnt when the rest goes back; in e8s. */
    readonly refundFee: bigint;
}

const purposes = {
    create: { memo: 0x4145_5243n, intent: 'CreateCanister', refundFee: 40_000n },
    topUp: { memo: 0x5055_5054n, intent: 'TopUp', refundFee: 20_000n },
    mint: { memo: 0x544e_494dn, intent: 'MintCycles', refundFee: 20_000n }
} as const satisfies Record<string, Purpose>;

const errorCodes = { badSubnetSelection: 4n, unauthorized: 5n };

type Notified<T> = { readonly kind: 'Ok'; readonly value: T } | { readonly kind: 'Err'; readonly value: NotifyError };

interface Settled {
    readonly purpose: string;
    readonly outcome: Notified<unknown>;
}

/** What became of each payment, by its block. */
export type SettledPayments = ReadonlyMap<bigint, Settled>;

/** The two ledgers that it works between, and the payments that it has dealt with. */
export class CyclesMinting {
    /** What became of each payment, by block and purpose: asked again, the canister answers the same. */
    readonly #settled: Map<bigint, Settled>;

    constructor(
        readonly icp: TokenBook,
        readonly cycles: TokenBook,
        readonly placement: Placement,
        settled: SettledPayments = new Map()
    ) {
        this.#settled = new Map(settled);
    }

    /**
     * Takes the payment in block `index` for a purpose; `spend` tells what the cycles became, or why they could not be
     * used, in which case the ICP goes back.
     */
    notify<T>(
        payment: Payment,
        index: bigint,
        nowNs: bigint,
        spend: (
            cycles: bigint
        ) => { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: string }
    ): Notified<T> {
        const block = this.icp.block(index);
        if (block === undefined) return invalid(`Block ${index} not found`);
        const found = paidBy(block, payment);
        if (typeof found === 'string') return invalid(found);
        const settled = this.#settled.get(index);
        // A payment has one account and one memo, so it has been for the same purpose: equal purposes have equal types of outcome.
        if (settled !== undefined) return settled.outcome as Notified<T>;
        const spent = spend(found.amount * cyclesPerE8);
        const outcome: Notified<T> = spent.ok
            ? { kind: 'Ok', value: spent.value }
            : { kind: 'Err', value: this.#refund(found, { reason: spent.why, fee: payment.purpose.refundFee }, nowNs) };
        if (spent.ok) this.#burn(found, nowNs);
        this.#settled.set(index, { purpose: purposeOf(payment), outcome });
        return outcome;
    }

    #burn({ account, amount }: Pick<Paid, 'account' | 'amount'>, nowNs: bigint): void {
        const { mintingAccount } = this.icp.rules;
        if (mintingAccount === undefined) return;
        this.icp.transfer({ from: account, to: party(mintingAccount), amount, numericMemo: 0n, nowNs });
    }

    /** What is left after the ledger's fee and that for the trouble goes back; if nothing is left, all of it is burnt. */
    #refund(
        { account, sender, amount }: Paid,
        { reason, fee }: { readonly reason: string; readonly fee: bigint },
        nowNs: bigint
    ): NotifyError {
        const back = amount - this.icp.rules.fee - fee;
        const order = { from: account, to: sender, amount: back, numericMemo: 0n, nowNs };
        const sent = back > 0n ? this.icp.transfer(order) : undefined;
        this.#burn({ account, amount: back > 0n ? fee : amount }, nowNs);
        return { kind: 'Refunded', value: { reason, block_index: sent?.kind === 'Ok' ? sent.value : undefined } };
    }

    /** All payments that it has dealt with, as plain data. */
    get settled(): SettledPayments {
        return this.#settled;
    }
}

interface Payment {
    /** Whose subaccount of the minting canister the ICP must have gone to. */
    readonly beneficiary: Uint8Array;
    readonly purpose: Purpose;
}

interface Paid {
    readonly account: Party;
    readonly sender: Party;
    readonly amount: bigint;
}

function purposeOf({ beneficiary, purpose }: Payment): string {
    return `${purpose.memo}/${toHex(beneficiary)}`;
}

/** The payment that the block records, or why it is none for this purpose. */
function paidBy({ operation, ...block }: Block, { beneficiary, purpose }: Payment): Paid | string {
    if (operation.kind !== 'transfer') return 'Notification transaction must be of type Transfer';
    const account = party(paymentAccount(beneficiary));
    if (operation.to.key !== account.key) {
        const [there, here] = [operation.to, account].map(({ identifier }) => toHex(identifier));
        return `Destination account in the block (${there}) different than in the notification (${here})`;
    }
    const memo = memoOf(block);
    if (memo !== purpose.memo) {
        const wanted = `${purpose.memo} == ${purpose.intent}`;
        return `Intent in the block (${memo} == ${intentOf(memo)}) different than in the notification (${wanted})`;
    }
    return { account, sender: operation.from, amount: operation.amount };
}

function intentOf(memo: bigint): string {
    return Object.values(purposes).find((purpose) => purpose.memo === memo)?.intent ?? `unrecognized: Memo(${memo})`;
}

/** Where ICP for a beneficiary is sent. */
export function paymentAccount(beneficiary: Uint8Array): Account {
    return { ...defaultAccount(cyclesMintingId), subaccount: principalSubaccount(beneficiary) };
}

/** ICRC-1 transfers carry the number as eight little-endian bytes. */
function memoOf({ numericMemo, memo }: Omit<Block, 'operation'>): bigint {
    if (numericMemo !== undefined) return numericMemo;
    return memo?.length === 8 ? Buffer.from(memo).readBigUInt64LE() : 0n;
}

function invalid(why: string): { readonly kind: 'Err'; readonly value: NotifyError } {
    return { kind: 'Err', value: { kind: 'InvalidTransaction', value: why } };
}

/** All methods. */
export function cyclesMintingMethods(minting: CyclesMinting, rates: ConversionRates): Methods {
    const { placement } = minting;
    return new Map<string, NativeMethod>([
        ['notify_top_up', notifyTopUp(minting)],
        ['notify_create_canister', notifyCreate(minting)],
        ['notify_mint_cycles', notifyMint(minting)],
        ['create_canister', create(placement)],
        ['get_icp_xdr_conversion_rate', rateQuery(rates, 'current')],
        ['get_average_icp_xdr_conversion_rate', rateQuery(rates, 'average')],
        [
            'get_default_subnets',
            query({ result: vec(principal), run: () => subnetsOfType(placement, defaultSubnetType) })
        ],
        [
            'get_subnet_types_to_subnets',
            query({ result: subnetTypes, run: () => ({ data: typesToSubnets(placement) }) })
        ],
        [
            'get_principals_authorized_to_create_canisters_to_subnets',
            query({ result: authorizedPrincipals, run: () => ({ data: [] }) })
        ],
        ['get_build_metadata', query({ result: text, run: () => 'embedded network' })],
        ...['set_authorized_subnetwork_list', 'update_subnet_type', 'change_subnet_type_assignment'].map(
            (name) => [name, governanceOnly] as const
        )
    ]);
}

function rateQuery({ data, hashTree }: ConversionRates, which: 'current' | 'average'): NativeMethod {
    return query({
        result: conversionRate,
        run: (_, { certificate }) => ({
            data,
            hash_tree: hashTree(which),
            // Empty in updates, as the real canister answers.
            certificate: certificate?.() ?? new Uint8Array()
        })
    });
}

/** The network's subnets are what it was started with, and there is no governance canister that could ask for others. */
const governanceOnly: NativeMethod = update({
    argument: reserved,
    result: nothing,
    run: () => refused('Only the governance canister is allowed to call this method.')
});

function notifyTopUp(minting: CyclesMinting): NativeMethod {
    return update({
        argument: topUpArgument,
        result: topUpResult,
        run: ({ block_index, canister_id }, { nowNs, host }) =>
            answered(
                minting.notify({ beneficiary: canister_id, purpose: purposes.topUp }, block_index, nowNs, (cycles) =>
                    host.depositCycles(canister_id, cycles)
                        ? { ok: true, value: cycles }
                        : { ok: false, why: 'The canister does not exist.' }
                )
            )
    });
}

function notifyCreate(minting: CyclesMinting): NativeMethod {
    return update({
        argument: notifyCreateArgument,
        result: notifyCreateResult,
        run: ({ block_index, controller, subnet_type, subnet_selection, settings }, { caller, nowNs, host }) => {
            if (!sameId(caller, controller)) {
                const why = `${idText(caller)} is not authorized to call notify_create_canister on behalf of ${idText(controller)}. (Do not retry, because the same result will occur.)`;
                return answered(other(errorCodes.unauthorized, why));
            }
            const chosen = selectionOf(subnet_type, subnet_selection);
            if (!chosen.ok) return answered(other(errorCodes.badSubnetSelection, chosen.why));
            const { selection } = chosen;
            const payment = { beneficiary: controller, purpose: purposes.create };
            return answered(
                minting.notify(payment, block_index, nowNs, (cycles) => {
                    const made = createCanister(host, minting.placement, { controller, selection, settings, cycles });
                    return made.ok ? { ok: true, value: made.canisterId } : made;
                })
            );
        }
    });
}

function other(error_code: bigint, error_message: string): { readonly kind: 'Err'; readonly value: NotifyError } {
    return { kind: 'Err', value: { kind: 'Other', value: { error_code, error_message } } };
}

function notifyMint(minting: CyclesMinting): NativeMethod {
    const { cycles: ledger } = minting;
    return update({
        argument: mintArgument,
        result: mintResult,
        run: ({ block_index, to_subaccount, deposit_memo: memo }, { caller, nowNs }) =>
            withParties([{ owner: caller, subaccount: to_subaccount }], memo, ([to]) =>
                answered(
                    minting.notify({ beneficiary: caller, purpose: purposes.mint }, block_index, nowNs, (minted) => {
                        const { fee } = ledger.rules;
                        if (minted <= fee) return { ok: false, why: 'The cycles would not cover the fee.' };
                        const index = ledger.mint(to, minted - fee, { memo }, nowNs);
                        return { ok: true, value: { block_index: index, minted, balance: ledger.balance(to) } };
                    })
                )
            )
    });
}

type Chosen =
    | { readonly ok: true; readonly selection: SubnetSelection | undefined }
    | { readonly ok: false; readonly why: string };

/** The older and the newer way to choose a subnet, of which one may be taken. */
function selectionOf(type: string | undefined, selection: SubnetSelection | undefined): Chosen {
    if (type === undefined) return { ok: true, selection };
    if (selection === undefined) return { ok: true, selection: { kind: 'Filter', value: { subnet_type: type } } };
    return { ok: false, why: 'Cannot specify subnet_type and subnet_selection at the same time.' };
}

/** With fewer cycles than this the canister does not even ask a subnet. */
const leastCycles = 100_000_000_000n;

function create(placement: Placement): NativeMethod {
    return update({
        argument: createArgument,
        result: createResult,
        run: ({ settings, subnet_type, subnet_selection }, { caller: controller, cycles, host }) => {
            const refund = (create_error: string): Decoded<typeof createResult> => ({
                kind: 'Err',
                value: { kind: 'Refunded', value: { refund_amount: cycles, create_error } }
            });
            if (cycles < leastCycles) return answered(refund('Insufficient cycles attached.'));
            const chosen = selectionOf(subnet_type, subnet_selection);
            if (!chosen.ok) return answered(refund(chosen.why));
            const order = { controller, selection: chosen.selection, settings, cycles };
            const made = createCanister(host, placement, order);
            return made.ok ? answered({ kind: 'Ok', value: made.canisterId }, cycles) : answered(refund(made.why));
        }
    });
}
