import { IDL } from 'azle';
import type { Principal } from '@dfinity/principal';
import { azleEnv } from '../../../src/azle/azle_env';
import { query, SERVED_WHILE_PAUSED, update } from '../../../src/azle/endpoint';
import { collectPage, pageRange } from '../../../src/core/page';
import { dutyWindowNs } from '../domain/duties';
import { deliverHoldsSoon } from '../jobs/deliver_holds';
import { deliverSoon } from '../jobs/deliver_slashes';
import { cases, holds, registry, slashes, tables } from '../wiring';
import { CasePage, CaseView, CaseVoteArgs, ChargeArgs, DutyView, SlashPage } from './duty_idl';
import { fromChargeArgs, toCaseView, toDutyView, toSlashView } from './duty_mappers';
import { answerType, toAnswer, type Answer } from './errors';
import { signedCaller } from './guards';
import type { Opt } from './idl';
import { toOpt } from './mappers';

const FileAnswer = answerType(
    CaseView,
    'Anonymous',
    'NotFound',
    'Removed',
    'NotSameClass',
    'SelfImpeachment',
    'NotActive',
    'NotAnElector',
    'CaseOpen',
    'InvalidArgument'
);
const LeakAnswer = answerType(
    CaseView,
    'Anonymous',
    'NotFound',
    'Removed',
    'NotActive',
    'Unauthorized',
    'NotAValidator',
    'CaseOpen'
);
const VoteAnswer = answerType(
    CaseView,
    'Anonymous',
    'NotFound',
    'CaseClosed',
    'Accused',
    'NotAnElector',
    'AlreadyVoted'
);

const view = toCaseView({
    missedOf: (found) => cases.missedDuty(found, azleEnv.nowNs()),
    isStakeHeld: (id) => holds.isHeld(id)
});

/** Cases against nodes, and what was decided to be deducted from stakes. */
export class Cases {
    /** Staked node of the accused's class: asks the others to remove it; its stake stays until then. Evidence is kept elsewhere and named by its hash. */
    @update([ChargeArgs], FileAnswer)
    file_impeachment(args: ChargeArgs): Answer<CaseView> {
        const caller = signedCaller();
        if (!caller.ok) return toAnswer(caller, view);
        const filed = cases.fileImpeachment(caller.value, fromChargeArgs(args), azleEnv.nowNs());
        if (filed.ok) deliverHoldsSoon();
        return toAnswer(filed, view);
    }

    /** Validator, or the owner of its wallet: says that its own key may be in other hands. */
    @update([IDL.Principal], LeakAnswer, SERVED_WHILE_PAUSED)
    report_key_leak(node: Principal): Answer<CaseView> {
        const caller = signedCaller();
        if (!caller.ok) return toAnswer(caller, view);
        const reported = cases.reportKeyLeak(caller.value, node, azleEnv.nowNs());
        if (reported.ok) deliverHoldsSoon();
        return toAnswer(reported, view);
    }

    /** Elector of a case: votes once. More than half of the electorate removes the accused. */
    @update([CaseVoteArgs], VoteAnswer, SERVED_WHILE_PAUSED)
    vote_case(args: CaseVoteArgs): Answer<CaseView> {
        const caller = signedCaller();
        if (!caller.ok) return toAnswer(caller, view);
        const voted = cases.vote(caller.value, args.case, args.yes, azleEnv.nowNs());
        if (voted.ok && voted.value.state === 'Passed') deliverSoon();
        if (voted.ok && voted.value.state === 'Rejected') deliverHoldsSoon();
        return toAnswer(voted, view);
    }

    @query([IDL.Nat64], IDL.Opt(CaseView))
    get_case(id: bigint): Opt<CaseView> {
        const found = cases.find(id);
        return toOpt(found && view(found));
    }

    @query([IDL.Nat64, IDL.Nat64], CasePage)
    list_cases(start: bigint, take: bigint): CasePage {
        const page = collectPage(start, take, cases.count(), (id) => cases.find(id)).map(view);
        const [, end] = pageRange(start, take, cases.count());
        return { cases: page, next: toOpt(end < cases.count() ? end : undefined) };
    }

    /** Deductions that were decided, oldest first, with what rewards answered. */
    @query([IDL.Nat64, IDL.Nat64], SlashPage)
    list_slashes(start: bigint, take: bigint): SlashPage {
        const page = collectPage(start, take, slashes.count(), (id) => slashes.find(id)).map(toSlashView);
        const [, end] = pageRange(start, take, slashes.count());
        return { slashes: page, next: toOpt(end < slashes.count() ? end : undefined) };
    }

    /** A staked node's duty to take part, as far as it has been examined. */
    @query([IDL.Principal], IDL.Opt(DutyView))
    get_duty(node: Principal): Opt<DutyView> {
        const [duty, stake, known] = [tables.duties.get(node), tables.stakes.get(node), registry.find(node)];
        if (duty === undefined || stake === undefined || known === undefined) return [];
        return [toDutyView(duty, stake, dutyWindowNs(tables.config.get(), known.record.nodeClass))];
    }
}
