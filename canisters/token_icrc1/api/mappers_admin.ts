import { fromCandidPeers } from '../../../src/azle/peers';
import { maxAmount } from '../../../src/core/amount';
import { fromCandidAccount, type Account, type CandidAccount } from '../../../src/core/account';
import type { Peers } from '../../../src/core/peers';
import { err, ok, type Result } from '../../../src/core/result';
import type { ArchiveOptions } from '../domain/archiving';
import type { Grant } from '../domain/genesis';
import type { InstallationChoices, InstallationProblem } from '../domain/installation';
import type { FeeCollectorOrder } from '../domain/orders';
import type { TokenChange } from '../domain/token';
import type { Opt } from './idl';
import type { CandidArchiveOptions, CandidInitArgs, CandidUpgradeArgs } from './idl_admin';
import { fromMetadata } from './mappers';

const MALFORMED = err<InstallationProblem>({ kind: 'malformed_subaccount' });

/** Init arguments as choices; what is left out is left to the defaults. */
export function fromInitArgs(args: CandidInitArgs | undefined): Result<InstallationChoices, InstallationProblem> {
    if (args === undefined) return ok({});
    const mintingAccount = fromOptAccount(args.minting_account);
    const publicAccount = fromOptAccount(args.public);
    const feeCollector = fromOptAccount(args.fee_collector_account);
    const grants = fromBalances(args.initial_balances);
    if (!mintingAccount.ok || !publicAccount.ok || !feeCollector.ok || !grants.ok) return MALFORMED;
    return ok({
        ...fromUpgradeArgs(args),
        decimals: args.decimals[0],
        mintingAccount: mintingAccount.value,
        profileId: args.profile[0],
        publicAccount: publicAccount.value,
        feeCollector: feeCollector.value,
        archiveOptions: fromArchiveOptions(args.archive_options),
        grants: grants.value
    });
}

/** The settings that an upgrade names. */
export function fromUpgradeArgs(
    args: Omit<CandidUpgradeArgs, 'peers' | 'change_fee_collector' | 'change_archive_options' | 'feature_flags'>
): TokenChange {
    const named = {
        name: args.token_name[0],
        symbol: args.token_symbol[0],
        fee: args.transfer_fee[0],
        maxMemoBytes: args.max_memo_length[0],
        metadata: args.metadata[0] && fromMetadata(args.metadata[0]),
        indexPrincipal: args.index_principal[0]
    };
    return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
}

/** The change of fee collector that an upgrade names: undefined for none. */
export function fromFeeCollectorChange([change]: CandidUpgradeArgs['change_fee_collector']): Result<
    Pick<FeeCollectorOrder, 'feeCollector'> | undefined,
    InstallationProblem
> {
    if (change === undefined) return ok(undefined);
    if ('Unset' in change) return ok({});
    const account = fromCandidAccount(change.SetTo);
    return account.ok ? ok({ feeCollector: account.value }) : MALFORMED;
}

/** The official ledger's defaults, except for the size of an archive, which is counted in blocks. */
const DEFAULT_ARCHIVE_OPTIONS: ArchiveOptions = {
    triggerThreshold: 2_000n,
    blocksPerCall: 1_000n,
    blocksPerArchive: 10_000_000n,
    cyclesForCreation: 10_000_000_000_000n
};
/** What a block, its hash and their place in the tree take in an archive's memory at most, with a usual memo. */
const ARCHIVED_BLOCK_BYTES = 512n;

/** The named options over those that are in force, or over the defaults. */
export function fromArchiveOptions(
    [given]: Opt<CandidArchiveOptions>,
    current: ArchiveOptions = DEFAULT_ARCHIVE_OPTIONS
): ArchiveOptions | undefined {
    if (given === undefined) return undefined;
    const [memory] = given.node_max_memory_size_bytes;
    const byMemory = memory === undefined ? undefined : maxAmount(memory / ARCHIVED_BLOCK_BYTES, 1n);
    return {
        triggerThreshold: given.trigger_threshold[0] ?? current.triggerThreshold,
        blocksPerCall: given.num_blocks_to_archive[0] ?? current.blocksPerCall,
        blocksPerArchive: given.max_blocks_per_archive[0] ?? byMemory ?? current.blocksPerArchive,
        cyclesForCreation: given.cycles_for_archive_creation[0] ?? current.cyclesForCreation,
        controller: given.controller_id[0] ?? current.controller,
        limits: {
            moreControllers: given.more_controller_ids[0] ?? current.limits?.moreControllers ?? [],
            bytesPerCall: given.max_message_size_bytes[0] ?? current.limits?.bytesPerCall,
            blocksPerResponse: given.max_transactions_per_response[0] ?? current.limits?.blocksPerResponse
        }
    };
}

/** Refuses what somebody counts on and this ledger does not do. */
export function checkFeatures([flags]: CandidInitArgs['feature_flags']): Result<void, InstallationProblem> {
    return flags?.icrc152[0] === true ? err({ kind: 'unsupported_feature', feature: 'icrc152' }) : ok(undefined);
}

/** The ids that the arguments name; `rewards` may be named on its own. */
export function peersOf(args: Partial<Pick<CandidInitArgs, 'peers' | 'rewards'>> | undefined): Peers {
    const [peers] = args?.peers ?? [];
    const [rewards] = args?.rewards ?? [];
    return { ...(peers && fromCandidPeers(peers)), ...(rewards && { rewards }) };
}

function fromOptAccount([account]: Opt<CandidAccount>): Result<Account | undefined, 'subaccount-length'> {
    return account === undefined ? ok(undefined) : fromCandidAccount(account);
}

function fromBalances([balances]: CandidInitArgs['initial_balances']): Result<
    readonly Grant[] | undefined,
    'subaccount-length'
> {
    if (balances === undefined) return ok(undefined);
    const grants: Grant[] = [];
    for (const [candid, amount] of balances) {
        const to = fromCandidAccount(candid);
        if (!to.ok) return to;
        grants.push({ to: to.value, amount });
    }
    return ok(grants);
}
