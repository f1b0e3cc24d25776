import { IDL } from 'azle';
import type { Principal } from '@dfinity/principal';
import { azleEnv } from '../../../src/azle/azle_env';
import { query, SERVED_WHILE_PAUSED, update } from '../../../src/azle/endpoint';
import { fetchNodeStakes } from '../clients/rewards';
import { peers, profile, stakeChecks, validators } from '../wiring';
import { answerType, toAnswer, type Answer } from './errors';
import { governanceCaller, signedCaller } from './guards';
import { BatchView, NodeView, ValidatorsView, type Opt } from './idl';
import { toBatchView, toOpt, toValidatorsView } from './mappers';
import { answerNode } from './nodes';

const OpenAnswer = answerType(BatchView, 'Unauthorized', 'BatchOpen');
const ApplyAnswer = answerType(
    BatchView,
    'Anonymous',
    'NotFound',
    'Removed',
    'NoBatchOpen',
    'RequirementsNotMet',
    'RateLimited',
    'TooLarge',
    'TemporarilyUnavailable'
);
const AdmitAnswer = answerType(
    ValidatorsView,
    'Unauthorized',
    'WrongBatchSize',
    'RequirementsNotMet',
    'TemporarilyUnavailable'
);
const RefreshAnswer = answerType(
    NodeView,
    'Anonymous',
    'NotFound',
    'Removed',
    'RateLimited',
    'RequirementsNotMet',
    'TemporarilyUnavailable'
);
const UnregisterAnswer = answerType(
    NodeView,
    'Anonymous',
    'NotFound',
    'Removed',
    'RateLimited',
    'StakeActive',
    'CaseOpen',
    'TemporarilyUnavailable'
);

const batchView = toBatchView(validators);

/** The validator set, and what follows from stakes. What was read before an await is decided again after it. */
export class Staking {
    /** Governance or a controller: opens the places that complete the set to 3F+1, 13 at first, for applications. */
    @update([], OpenAnswer, SERVED_WHILE_PAUSED)
    open_validator_batch(): Answer<BatchView> {
        const allowed = governanceCaller();
        return toAnswer(allowed.ok ? validators.batch.open(azleEnv.nowNs()) : allowed, batchView);
    }

    /** Validator candidate with its stake: applies for a place in the open batch. Applying again changes nothing. */
    @update([], ApplyAnswer)
    async apply_validator(): Promise<Answer<BatchView>> {
        const caller = signedCaller();
        if (!caller.ok) return toAnswer(caller, batchView);
        const checked = validators.checkApplicant(caller.value);
        if (!checked.ok) return toAnswer(checked, batchView);
        const begun = stakeChecks.beginOwn(caller.value, azleEnv.nowNs());
        if (!begun.ok) return toAnswer(begun, batchView);
        const stakes = await fetchNodeStakes(peers.get('rewards'), [caller.value]);
        if (!stakes.ok) return toAnswer(stakes, batchView);
        const rules = profile().nodeClasses.validator;
        return toAnswer(validators.apply(caller.value, stakes.value[0], rules, azleEnv.nowNs()), batchView);
    }

    /** Governance or a controller: admits a batch that completes the set to 3F+1; all or nothing. */
    @update([IDL.Vec(IDL.Principal)], AdmitAnswer, SERVED_WHILE_PAUSED)
    async admit_validators(batch: Principal[]): Promise<Answer<ValidatorsView>> {
        const toView = (): ValidatorsView => toValidatorsView(validators);
        const allowed = governanceCaller();
        if (!allowed.ok) return toAnswer(allowed, toView);
        const checked = validators.checkBatch(batch);
        if (!checked.ok) return toAnswer(checked, toView);
        const stakes = await fetchNodeStakes(peers.get('rewards'), batch);
        if (!stakes.ok) return toAnswer(stakes, toView);
        const rules = profile().nodeClasses.validator;
        return toAnswer(stakeChecks.admit(batch, stakes.value, rules, azleEnv.nowNs()), toView);
    }

    /** Anybody who signs: asks rewards for a node's stake. A router with its stake becomes Active. */
    @update([IDL.Principal], RefreshAnswer)
    async refresh_stake(node: Principal): Promise<Answer<NodeView>> {
        const caller = signedCaller();
        if (!caller.ok) return answerNode(caller);
        const begun = stakeChecks.begin(node, azleEnv.nowNs());
        if (!begun.ok) return answerNode(begun);
        const stakes = await fetchNodeStakes(peers.get('rewards'), [node]);
        if (!stakes.ok) return answerNode(stakes);
        return answerNode(stakeChecks.settle(node, stakes.value[0], profile().nodeClasses, azleEnv.nowNs()));
    }

    /** Node: leaves, which it can only without a stake. The same key may register again, and leave again a minute later. */
    @update([], UnregisterAnswer)
    async unregister_node(): Promise<Answer<NodeView>> {
        const caller = signedCaller();
        if (!caller.ok) return answerNode(caller);
        const begun = stakeChecks.beginOwn(caller.value, azleEnv.nowNs());
        if (!begun.ok) return answerNode(begun);
        const stakes = await fetchNodeStakes(peers.get('rewards'), [caller.value]);
        if (!stakes.ok) return answerNode(stakes);
        return answerNode(stakeChecks.unregister(caller.value, stakes.value[0], azleEnv.nowNs()));
    }

    /** The batch that is open, with those who have applied. */
    @query([], IDL.Opt(BatchView))
    get_validator_batch(): Opt<BatchView> {
        const batch = validators.batch.find();
        return toOpt(batch && batchView(batch));
    }

    @query([], ValidatorsView)
    list_validators(): ValidatorsView {
        return toValidatorsView(validators);
    }

    @query([IDL.Principal], IDL.Bool)
    is_validator(who: Principal): boolean {
        return validators.has(who);
    }
}
