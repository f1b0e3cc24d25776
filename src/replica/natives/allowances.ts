/** Lists of the allowances that an account has given: the ICP ledger's own, and ICRC-103. */
import { nat, nat64, opt, record, result, text, variant, vec, type Decoded } from '../candid/codecs';
import { compareBytes, toHex } from '../wire/bytes';
import { account, defaultAccount, hasDefaultSubaccount, isAccountIdentifier, type Account } from './accounts';
import type { BlockIndex } from './block_index';
import { party, partyOfIdentifier, type Allowance, type Party } from './book_types';
import { allowancesResult, getAllowancesArgument } from './icp_types';
import { answered, fallibleQuery, query, refused, type NativeMethod } from './service';

/** Allowances that one answer lists at most. */
const maxTaken = 500n;

interface Given {
    readonly spender: Party;
    readonly allowance: Allowance;
}

/** What `owner` has given and has not expired, in no order. */
function givenBy(index: BlockIndex, owner: Party, nowNs: bigint): readonly Given[] {
    return index
        .spendersOf(owner)
        .map((spender) => ({ spender, allowance: index.book.allowance(owner, spender, nowNs) }))
        .filter(({ allowance }) => allowance.amount > 0n);
}

const checksumBytes = 4;
/** The ICP ledger sorts account identifiers by their hashes, without the checksum. */
const hashOf = (identifier: Uint8Array): Uint8Array => identifier.subarray(checksumBytes);

/** `get_allowances` of the ICP ledger: by account identifiers in hex. */
export function icpAllowances(index: BlockIndex): NativeMethod {
    return fallibleQuery({
        argument: getAllowancesArgument,
        result: allowancesResult,
        run: ({ from_account_id: from, prev_spender_id: previous, take = maxTaken }, { nowNs }) => {
            const owner = Buffer.from(from, 'hex');
            const after = previous === undefined ? undefined : Buffer.from(previous, 'hex');
            if (![owner, after ?? owner].every(isAccountIdentifier)) return refused('Invalid account identifier.');
            const given = givenBy(index, partyOfIdentifier(owner), nowNs)
                .toSorted((a, b) => compareBytes(hashOf(a.spender.identifier), hashOf(b.spender.identifier)))
                .filter(
                    ({ spender }) => after === undefined || compareBytes(hashOf(spender.identifier), hashOf(after)) > 0
                )
                .slice(0, Number(take < maxTaken ? take : maxTaken));
            return answered(
                given.map(({ spender, allowance }) => ({
                    from_account_id: toHex(owner),
                    to_spender_id: toHex(spender.identifier),
                    allowance: { e8s: allowance.amount },
                    expires_at: allowance.expiresAtNs
                }))
            );
        }
    });
}

const icrcAllowance = record({ from_account: account, to_spender: account, allowance: nat, expires_at: opt(nat64) });
const icrcAllowances = result(
    vec(icrcAllowance),
    variant({ AccessDenied: record({ reason: text }), GenericError: record({ error_code: nat, message: text }) })
);

/** `icrc103_get_allowances`: those of one owner, from one of its accounts on. */
export function icrc103Allowances(index: BlockIndex): NativeMethod {
    return query({
        argument: record({ from_account: opt(account), prev_spender: opt(account), take: opt(nat) }),
        result: icrcAllowances,
        run: ({ from_account, prev_spender: previous, take = maxTaken }, { caller, nowNs }) => {
            const first = from_account ?? defaultAccount(caller);
            const after = [first, previous] as const;
            const value = index
                .subaccounts(first.owner)
                .flatMap((subaccount) => listOf(index, { owner: first.owner, subaccount }, nowNs))
                .filter((entry) => isBehind(entry, after))
                .toSorted(
                    (a, b) =>
                        compareAccounts(a.from_account, b.from_account) || compareAccounts(a.to_spender, b.to_spender)
                )
                .slice(0, Number(take < maxTaken ? take : maxTaken));
            return { kind: 'Ok' as const, value };
        }
    });
}

type Listed = Decoded<typeof icrcAllowance>;

function listOf(index: BlockIndex, from: Account, nowNs: bigint): readonly Listed[] {
    const shown = hasDefaultSubaccount(from) ? defaultAccount(from.owner) : from;
    return givenBy(index, party(from), nowNs).flatMap(({ spender, allowance }) =>
        spender.account === undefined
            ? []
            : [
                  {
                      from_account: shown,
                      to_spender: spender.account,
                      allowance: allowance.amount,
                      expires_at: allowance.expiresAtNs
                  }
              ]
    );
}

/** ICRC-103: behind the first account and, if it is named, the spender that was the last one of the answer before. */
function isBehind(entry: Listed, [first, previous]: readonly [Account, Account | undefined]): boolean {
    const order = compareAccounts(entry.from_account, first);
    if (order !== 0) return order > 0;
    return previous === undefined || compareAccounts(entry.to_spender, previous) > 0;
}

const noSubaccount = new Uint8Array(32);

function compareAccounts(left: Account, right: Account): number {
    return (
        compareBytes(left.owner, right.owner) ||
        compareBytes(left.subaccount ?? noSubaccount, right.subaccount ?? noSubaccount)
    );
}
