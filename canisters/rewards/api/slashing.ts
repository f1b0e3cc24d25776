import { IDL } from 'azle';
import type { Principal } from '@dfinity/principal';
import { query, SERVED_WHILE_PAUSED, update } from '../../../src/azle/endpoint';
import { collectPage } from '../../../src/core/page';
import type { CandidResult } from '../../../src/core/result';
import { DISPUTE_ERRORS, refuse, SLASH_ERRORS } from '../domain/errors';
import { setDispute, slash } from '../domain/stakes/slashing';
import { env, peers, state } from '../wiring';
import { resultOf } from './idl';
import { toResult } from './mappers';
import * as idl from './stakes_idl';
import { fromSlashArgs, toSlashed, toSlashEvent } from './stakes_mappers';

type Answer<T> = CandidResult<T, Readonly<Record<string, unknown>>>;

export class Slashing {
    /** state_machine only: deducts from a node's stake, or forfeits all of it; once per node and case. */
    @update([idl.SlashArgs], resultOf(idl.Slashed, SLASH_ERRORS), SERVED_WHILE_PAUSED)
    c2c_slash(args: idl.SlashArgs): Answer<idl.Slashed> {
        const allowed = peers.is(env.caller(), 'state_machine');
        const slashed = allowed ? slash(state, fromSlashArgs(args), env.nowNs()) : refuse('Unauthorized', null);
        return toResult(slashed, toSlashed);
    }

    /** state_machine only: while an accused node's case is open its stake is not released. */
    @update([idl.DisputeArgs], resultOf(IDL.Null, DISPUTE_ERRORS), SERVED_WHILE_PAUSED)
    c2c_set_dispute(args: idl.DisputeArgs): Answer<null> {
        const allowed = peers.is(env.caller(), 'state_machine');
        const done = allowed
            ? setDispute(state, args.node, args.case, args.open, env.nowNs())
            : refuse('Unauthorized', null);
        return toResult(done, (value) => value);
    }

    /** Anyone: what was deducted from a node's stakes, oldest first. */
    @query([IDL.Principal, IDL.Nat64, IDL.Nat64], IDL.Vec(idl.SlashEvent))
    list_slash_events(node: Principal, start: bigint, take: bigint): idl.SlashEvent[] {
        const ids = collectPage(start, take, state.slashesOfNode.length(node), (index) =>
            state.slashesOfNode.get(node, index)
        );
        return ids.flatMap((id) => {
            const row = state.slashes.get(id);
            return row === undefined ? [] : [toSlashEvent(row)];
        });
    }
}
