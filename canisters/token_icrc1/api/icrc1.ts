import { IDL } from 'azle';
import { query, SERVED_WHILE_PAUSED, update } from '../../../src/azle/endpoint';
import { toCandidAccount, type CandidAccount } from '../../../src/core/account';
import { metadataOf } from '../domain/metadata';
import { SUPPORTED_STANDARDS, type Standard } from '../domain/standards';
import { hashLater } from '../jobs/hash_blocks';
import { books, env, ledger } from '../wiring';
import {
    Account,
    Metadata,
    Standards,
    TransferArg,
    TransferResult,
    type CandidMetadataEntry,
    type CandidTransferArg,
    type CandidTransferResult,
    type Opt
} from './idl';
import { fromTransferArg, queriedAccount, toMetadata, toTransferResult } from './mappers';

/** ICRC-1 and ICRC-10. Anyone may call every method, the anonymous principal included, as the standard has it. */
export class Icrc1 {
    @query([], IDL.Text)
    icrc1_name(): string {
        return books.token.settings().name;
    }

    @query([], IDL.Text)
    icrc1_symbol(): string {
        return books.token.settings().symbol;
    }

    @query([], IDL.Nat8)
    icrc1_decimals(): number {
        return books.token.settings().decimals;
    }

    @query([], IDL.Nat)
    icrc1_fee(): bigint {
        return books.token.settings().fee;
    }

    @query([], Metadata)
    icrc1_metadata(): CandidMetadataEntry[] {
        return toMetadata(metadataOf(books.token.settings(), env.self()));
    }

    @query([], IDL.Nat)
    icrc1_total_supply(): bigint {
        return books.journal.supply();
    }

    @query([], IDL.Opt(Account))
    icrc1_minting_account(): Opt<CandidAccount> {
        return [toCandidAccount(books.token.settings().mintingAccount)];
    }

    @query([Account], IDL.Nat)
    icrc1_balance_of(account: CandidAccount): bigint {
        const queried = queriedAccount(account);
        return queried === undefined ? 0n : ledger.balanceOf(queried);
    }

    /** Role: the owner of the account that it takes from. */
    @update([TransferArg], TransferResult, SERVED_WHILE_PAUSED)
    icrc1_transfer(arg: CandidTransferArg): CandidTransferResult {
        const order = fromTransferArg(env.caller(), arg);
        const result = order.ok ? ledger.transfer(order.value, env.nowNs()) : order;
        hashLater();
        return toTransferResult(result);
    }

    @query([], Standards)
    icrc1_supported_standards(): readonly Standard[] {
        return SUPPORTED_STANDARDS;
    }

    @query([], Standards)
    icrc10_supported_standards(): readonly Standard[] {
        return SUPPORTED_STANDARDS;
    }
}
