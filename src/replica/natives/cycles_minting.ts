/**
 * The cycles minting canister: turns ICP that was sent to it into cycles, in canisters or on the cycles ledger.
 * A payment is a transfer to its account of a subaccount that names the beneficiary, under a memo that names the purpose.
 */
import { nothing, principal, reserved, text, vec, type Decoded } from '../candid/codecs';
import { defaultAccount, principalSubaccount, type Account } from './accounts';
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

/** Memos of the payments, the purpose's letters read as a little-endian number. */
const memos = { create: 0x4145_5243n, topUp: 0x5055_5054n, mint: 0x544e_494dn };

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
        const settled = this.#settled.get(index);
        if (settled !== undefined) {
            // Equal purposes have equal types of outcome.
            if (settled.purpose === purposeOf(payment)) return settled.outcome as Notified<T>;
            return invalid(`Block ${index} has been used for another purpose.`);
        }
        const block = this.icp.block(index);
        const found = block && paidBy(block, payment);
        if (found === undefined) return invalid(`Block ${index} is no payment for this purpose.`);
        const spent = spend(found.amount * cyclesPerE8);
        const outcome: Notified<T> = spent.ok
            ? { kind: 'Ok', value: spent.value }
            : { kind: 'Err', value: this.#refund(found, spent.why, nowNs) };
        if (spent.ok) this.#burn(found, nowNs);
        this.#settled.set(index, { purpose: purposeOf(payment), outcome });
        return outcome;
    }

    #burn({ account, amount }: Paid, nowNs: bigint): void {
        const { mintingAccount } = this.icp.rules;
        if (mintingAccount === undefined) return;
        this.icp.transfer({ from: account, to: party(mintingAccount), amount, nowNs });
    }

    #refund({ account, sender, amount }: Paid, reason: string, nowNs: bigint): NotifyError {
        const back = amount - this.icp.rules.fee;
        const sent = back > 0n ? this.icp.transfer({ from: account, to: sender, amount: back, nowNs }) : undefined;
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
    readonly memo: bigint;
}

interface Paid {
    readonly account: Party;
    readonly sender: Party;
    readonly amount: bigint;
}

function purposeOf({ beneficiary, memo }: Payment): string {
    return `${memo}/${Buffer.from(beneficiary).toString('hex')}`;
}

function paidBy({ operation, ...block }: Block, { beneficiary, memo }: Payment): Paid | undefined {
    const account = party(paymentAccount(beneficiary));
    if (operation.kind !== 'transfer' || operation.to.key !== account.key || memoOf(block) !== memo) return undefined;
    return { account, sender: operation.from, amount: operation.amount };
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
    const defaultSubnets = subnetsOfType(placement, defaultSubnetType);
    const byType: Decoded<typeof subnetTypes> = { data: typesToSubnets(placement) };
    return new Map<string, NativeMethod>([
        ['notify_top_up', notifyTopUp(minting)],
        ['notify_create_canister', notifyCreate(minting)],
        ['notify_mint_cycles', notifyMint(minting)],
        ['create_canister', create(placement)],
        ['get_icp_xdr_conversion_rate', rateQuery(rates, 'current')],
        ['get_average_icp_xdr_conversion_rate', rateQuery(rates, 'average')],
        ['get_default_subnets', query({ result: vec(principal), run: () => defaultSubnets })],
        ['get_subnet_types_to_subnets', query({ result: subnetTypes, run: () => byType })],
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
                minting.notify({ beneficiary: canister_id, memo: memos.topUp }, block_index, nowNs, (cycles) =>
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
        run: ({ block_index, controller, subnet_type, subnet_selection, settings }, { nowNs, host }) => {
            const selection = subnet_selection ?? typedSelection(subnet_type);
            const payment = { beneficiary: controller, memo: memos.create };
            return answered(
                minting.notify(payment, block_index, nowNs, (cycles) => {
                    const made = createCanister(host, minting.placement, { controller, selection, settings, cycles });
                    return made.ok ? { ok: true, value: made.canisterId } : made;
                })
            );
        }
    });
}

function notifyMint(minting: CyclesMinting): NativeMethod {
    const { cycles: ledger } = minting;
    return update({
        argument: mintArgument,
        result: mintResult,
        run: ({ block_index, to_subaccount, deposit_memo: memo }, { caller, nowNs }) =>
            withParties([{ owner: caller, subaccount: to_subaccount }], memo, ([to]) =>
                answered(
                    minting.notify({ beneficiary: caller, memo: memos.mint }, block_index, nowNs, (minted) => {
                        const { fee } = ledger.rules;
                        if (minted <= fee) return { ok: false, why: 'The cycles would not cover the fee.' };
                        const index = ledger.mint(to, minted - fee, { memo }, nowNs);
                        return { ok: true, value: { block_index: index, minted, balance: ledger.balance(to) } };
                    })
                )
            )
    });
}

/** The older way to choose a subnet. */
function typedSelection(type: string | undefined): SubnetSelection | undefined {
    return type === undefined ? undefined : { kind: 'Filter', value: { subnet_type: type } };
}

function create(placement: Placement): NativeMethod {
    return update({
        argument: createArgument,
        result: createResult,
        run: ({ settings, subnet_type, subnet_selection }, { caller: controller, cycles, host }) => {
            const selection = subnet_selection ?? typedSelection(subnet_type);
            const made = createCanister(host, placement, { controller, selection, settings, cycles });
            if (made.ok) return answered({ kind: 'Ok' as const, value: made.canisterId }, cycles);
            const value = { refund_amount: cycles, create_error: made.why };
            return answered({ kind: 'Err' as const, value: { kind: 'Refunded' as const, value } });
        }
    });
}
