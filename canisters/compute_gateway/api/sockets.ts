import { IDL } from 'azle';
import { query, update } from '../../../src/azle/endpoint';
import { fromCandidAccount, toCandidAccount } from '../../../src/core/account';
import { err, mapOk, ok, type Result } from '../../../src/core/result';
import { openRequest } from '../clients/hub';
import type { Socket } from '../domain/socket';
import type { MintError, MintOrder } from '../domain/socket_book';
import { deliverSoon } from '../jobs/deliver_outbox';
import { book, env, peers, sockets } from '../wiring';
import { SubmitJobArgs } from './idl';
import { TokenAccount } from './idl_icrc7';
import { GetSocketAnswer, MintSocketAnswer, MintSocketArgs, UseSocketAnswer, type SocketView } from './idl_sockets';
import { fromSubmitJobArgs, signedIn, toJobView } from './mappers';
import { submitted } from './submitted';

export class Sockets {
    /** Anyone signed in: buys units of an app as a socket, at the app's price, from the caller's credits. */
    @update([MintSocketArgs], MintSocketAnswer.idl)
    async mint_socket({ app_id: appId, units, to: [given] }: MintSocketArgs) {
        const minter = signedIn(env.caller());
        if (!minter.ok) return MintSocketAnswer.of(minter);
        const to = fromCandidAccount(given ?? { owner: minter.value, subaccount: [] });
        if (!to.ok) return MintSocketAnswer.of(err({ kind: 'InvalidArgument', reason: 'to' }));
        return MintSocketAnswer.of(mapOk(await minted({ minter: minter.value, to: to.value, appId, units }), view));
    }

    /** A socket's owner: submits a job that the socket's units pay. The payer of the arguments must be the caller. */
    @update([IDL.Nat64, SubmitJobArgs], UseSocketAnswer.idl)
    async use_socket(id: bigint, args: SubmitJobArgs) {
        const caller = signedIn(env.caller());
        if (!caller.ok) return UseSocketAnswer.of(caller);
        const submission = fromSubmitJobArgs({ ...args, payer: { Caller: null } }, caller.value);
        if (!submission.ok) return UseSocketAnswer.of(submission);
        const paid = sockets.use(id, submission.value);
        if (!paid.ok) return UseSocketAnswer.of(paid);
        const job = await submitted(paid.value);
        return UseSocketAnswer.of(mapOk(job, (used) => toJobView(book, used, env.nowNs(), { output: true })));
    }

    /** Anyone. */
    @query([IDL.Nat64], GetSocketAnswer.idl)
    get_socket(id: bigint) {
        const socket = sockets.ledger.get(id);
        return GetSocketAnswer.of(socket === undefined ? err({ kind: 'NotFound' }) : ok(view(socket)));
    }
}

async function minted(order: MintOrder): Promise<Result<Socket, MintError>> {
    const intent = sockets.beginMint(order, env.nowNs());
    if (!intent.ok) return intent;
    const answer = await openRequest(peers, intent.value.request);
    const socket = sockets.settleMint(intent.value, answer, env.nowNs());
    deliverSoon();
    return socket;
}

function view(socket: Socket): SocketView {
    return {
        socket_id: socket.id,
        owner: toCandidAccount(socket.owner) as TokenAccount,
        app_id: socket.appId,
        unit_price_credits: socket.unitPriceCredits,
        units_minted: socket.minted,
        units_left: socket.left,
        units_reserved: socket.reserved,
        funded: socket.isFunded,
        minted_at_ns: socket.mintedAtNs
    };
}
