import type { Principal } from '@dfinity/principal';
import { samePrincipal } from '../../../src/core/principals';
import type { NodeClass } from '../../../src/core/tokenomics/profile';
import type { CaseRecord } from './duty_records';
import type { StateTables } from './records';
import type { Registry } from './registry';
import type { ValidatorSet } from './validators';

/**
 * Who votes on a case: the validator set, or the active nodes of the class with a stake (unstaked nodes have no vote:
 * they cost nothing to make). Frozen at the filing: whoever lost the status since, or gained it, does not vote.
 */
export class Electorates {
    constructor(
        private readonly tables: StateTables,
        private readonly registry: Registry,
        private readonly validators: ValidatorSet
    ) {}

    isElector(node: Principal, nodeClass: NodeClass): boolean {
        if (nodeClass === 'validator') return this.validators.has(node);
        const record = this.registry.find(node)?.record;
        return record?.nodeClass === nodeClass && record.status === 'Active' && this.tables.stakes.has(node);
    }

    /** The electorate of a case that is filed now: how many, and which set of validators. */
    freeze(accused: Principal, nodeClass: NodeClass): Pick<CaseRecord, 'electorate' | 'setVersion'> {
        const { version, members } = this.validators.membership();
        const all = nodeClass === 'validator' ? BigInt(members.length) : this.tables.electors.get()[nodeClass];
        const others = this.isElector(accused, nodeClass) ? all - 1n : all;
        return { electorate: others, setVersion: version };
    }

    mayVote(voter: Principal, filed: CaseRecord): boolean {
        if (filed.nodeClass === 'validator') {
            return this.validatorsOf(filed).some((member) => samePrincipal(member, voter));
        }
        const stake = this.tables.stakes.get(voter);
        const record = this.registry.find(voter)?.record;
        if (stake === undefined || record?.nodeClass !== filed.nodeClass || record.status !== 'Active') return false;
        return stake.sinceNs <= filed.filedNs && record.statusSinceNs <= filed.filedNs;
    }

    /** The validators that vote on a case against one of them. */
    validatorsOf(filed: CaseRecord): readonly Principal[] {
        const members = this.validators.membersOf(filed.setVersion);
        return members.filter((member) => !samePrincipal(member, filed.accused));
    }
}
