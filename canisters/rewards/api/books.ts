import { IDL } from 'azle';
import { HttpRequest, HttpResponse, serveMonitoring } from '../../../src/azle/http';
import { collectPage } from '../../../src/core/page';
import type { CandidResult } from '../../../src/core/result';
import { query, SERVED_WHILE_PAUSED, update } from '../../../src/azle/endpoint';
import { audit, auditPage, AUDIT_LIMIT, beginAudit } from '../domain/audit/audit';
import { refuse } from '../domain/errors';
import { PURSES } from '../domain/treasury/purses';
import { observePurses } from '../jobs/observe';
import { env, pause, state } from '../wiring';
import { AuditCursor, AuditPage, fromAuditCursor, toAuditPage } from './audit_idl';
import * as idl from './idl';
import { toPurseView, toResult, toTransferView } from './mappers';
import { metrics } from './metrics';

export class Books {
    /** Anyone: the subaccounts of this canister and what they owe. */
    @query([], IDL.Vec(idl.PurseView))
    pool_balances(): idl.PurseView[] {
        return PURSES.filter((purse) => state.purses.has(purse)).map((purse) => toPurseView(state, env.self(), purse));
    }

    /** Anyone: the invariants, recomputed from the tables and the last ledger balances. */
    @query([], idl.AuditReport)
    audit(): idl.AuditReport {
        const { holds, complete, checks } = audit(state);
        const emission = state.emission.get();
        const trade = state.trade.get();
        return {
            holds,
            complete,
            checks: [...checks],
            emitted_e8s: emission.emittedE8s,
            carry_e8s: emission.carryE8s,
            unbound_e8s: emission.unboundE8s,
            staked_e8s: state.stakedE8s.get(),
            trade_volume_e8s: trade.volumeE8s,
            trade_rewards_e8s: trade.rewardsE8s,
            treasury_due_e8s: trade.treasuryDueE8s,
            treasury_swept_e8s: trade.treasurySweptE8s,
            burn_due_e8s: trade.burnDueE8s,
            burned_e8s: trade.burnedE8s,
            open_transfers: BigInt(state.due.size()),
            lost_transfers: BigInt(state.lost.get().length)
        };
    }

    /** Anyone: the same for books of any size, page by page: give the cursor back until there is none. */
    @query([IDL.Opt(AuditCursor), IDL.Nat64], idl.resultOf(AuditPage, ['BooksMoved', 'InvalidArgument']))
    audit_page([candid]: [] | [AuditCursor], rows: bigint): CandidResult<AuditPage, object> {
        const cursor = candid === undefined ? beginAudit(state) : fromAuditCursor(candid);
        if (cursor === undefined) return { Err: { InvalidArgument: 'cursor' } };
        const page = auditPage(state, cursor, rows < AUDIT_LIMIT ? rows : AUDIT_LIMIT);
        return page.ok ? { Ok: toAuditPage(page.value) } : { Err: { BooksMoved: null } };
    }

    /** Controllers only: reads the ledger balances of all purses now instead of at the next hour. */
    @update([], idl.resultOf(IDL.Null, ['NotController']), SERVED_WHILE_PAUSED)
    async refresh_balances(): Promise<CandidResult<null, Readonly<Record<string, unknown>>>> {
        if (!env.isController(env.caller())) return toResult(refuse('NotController', null), (done) => done);
        await observePurses();
        return { Ok: null };
    }

    /** Anyone: every movement that this canister has asked of the ledger, oldest first. */
    @query([IDL.Nat64, IDL.Nat64], IDL.Vec(idl.TransferView))
    list_transfers(start: bigint, take: bigint): readonly idl.TransferView[] {
        return collectPage(start, take, state.transfers.length(), (id) => {
            const row = state.transfers.get(id);
            return row && toTransferView(id, row);
        });
    }

    @query([HttpRequest], HttpResponse)
    http_request(request: HttpRequest): HttpResponse {
        return serveMonitoring(request, () => [pause.metric(), ...metrics()]);
    }
}
