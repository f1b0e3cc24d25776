import { IDL } from 'azle';
import { query, update } from '../../../src/azle/endpoint';
import { collectPage } from '../../../src/core/page';
import { mapOk, type CandidResult } from '../../../src/core/result';
import { prepareAirdropClaim } from '../domain/airdrops/airdrops';
import { AIRDROP_CLAIM_ERRORS } from '../domain/errors';
import { transferRow } from '../domain/transfers/transfers';
import { tickSoon } from '../jobs/tick';
import { env, state } from '../wiring';
import * as idl from './airdrops_idl';
import { toAirdropView } from './dao_mappers';
import { resultOf } from './idl';
import { callersAccount, toResult } from './mappers';

type Answer<T> = CandidResult<T, Readonly<Record<string, unknown>>>;

export class Airdrops {
    /** The account's owner: claims its place in an airdrop, once; the payment follows right away. */
    @update([idl.ClaimAirdropArgs], resultOf(idl.AirdropPayment, AIRDROP_CLAIM_ERRORS))
    claim_airdrop(args: idl.ClaimAirdropArgs): Answer<idl.AirdropPayment> {
        const { airdrop, index, amount_e8s: amountE8s, proof } = args;
        const account = callersAccount(env.caller(), args.subaccount);
        const claimed = account.ok
            ? prepareAirdropClaim(
                  state,
                  { airdrop, index, account: account.value, amountE8s, proof },
                  env.self(),
                  env.nowNs()
              )
            : account;
        if (claimed.ok) tickSoon();
        return toResult(mapOk(claimed, paymentView), (value) => value);
    }

    @query([IDL.Nat64], IDL.Opt(idl.AirdropView))
    get_airdrop(id: bigint): [] | [idl.AirdropView] {
        const row = state.airdrops.get(id);
        return row === undefined ? [] : [toAirdropView(id, row)];
    }

    /** Anyone: all airdrops, oldest first. */
    @query([IDL.Nat64, IDL.Nat64], IDL.Vec(idl.AirdropView))
    list_airdrops(start: bigint, take: bigint): idl.AirdropView[] {
        const ids = collectPage(start, take, state.airdrops.length(), (index) => index);
        return ids.flatMap((id) => this.get_airdrop(id));
    }

    /** Anyone: whether a place was claimed, and its payment. */
    @query([IDL.Nat64, IDL.Nat64], IDL.Opt(idl.AirdropPayment))
    get_airdrop_claim(airdrop: bigint, index: bigint): [] | [idl.AirdropPayment] {
        const transfer = state.airdropClaims.get({ airdrop, index });
        return transfer === undefined ? [] : [paymentView(transfer)];
    }
}

function paymentView(transfer: bigint): idl.AirdropPayment {
    return { transfer, paid: transferRow(state, transfer).intent.state.kind === 'done' };
}
