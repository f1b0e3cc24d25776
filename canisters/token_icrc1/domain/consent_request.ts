import { accountKey } from '../../../src/core/account';
import { equalBytes } from '../../../src/core/bytes';
import { err, ok, type Result } from '../../../src/core/result';
import { approveMessage, transferFromMessage, transferMessage, type ConsentMessage } from './consent';
import type { ApproveOrder, TransferFromOrder, TransferOrder } from './orders';
import type { Token } from './token';

/** A call that a signer is asked to consent to. */
export type ConsentRequest =
    | { readonly method: 'icrc1_transfer'; readonly order: TransferOrder }
    | { readonly method: 'icrc2_approve'; readonly order: ApproveOrder }
    | { readonly method: 'icrc2_transfer_from'; readonly order: TransferFromOrder };

/** The call names a fee that the ledger will refuse. */
export interface OtherFee {
    readonly kind: 'other_fee';
    readonly named: bigint;
    readonly due: bigint;
}

/** The message of a call. Minting and burning are free, which the official ledger's messages get wrong. */
export function consentMessage(request: ConsentRequest, token: Token): Result<ConsentMessage, OtherFee> {
    const { order } = request;
    const fee = dueFee(request, token);
    if (order.fee !== undefined && order.fee !== fee) return err({ kind: 'other_fee', named: order.fee, due: fee });
    const settings = token.settings();
    switch (request.method) {
        case 'icrc1_transfer':
            return ok(transferMessage({ ...request.order, fee }, settings));
        case 'icrc2_approve':
            return ok(approveMessage({ ...request.order, fee }, settings));
        case 'icrc2_transfer_from':
            return ok(transferFromMessage({ ...request.order, fee }, settings));
    }
}

function dueFee(request: ConsentRequest, token: Token): bigint {
    const { fee, minter } = token.rules();
    if (request.method === 'icrc2_approve') return fee;
    const ends = [request.order.from, request.order.to];
    return ends.some((account) => equalBytes(accountKey.encode(account), minter)) ? 0n : fee;
}
