import { DenseList } from '../../../../src/core/dense_list';
import type { ChallengeTables } from './records';

/** The ids of the challenges that are not final. */
export class OpenList extends DenseList<bigint> {
    constructor(tables: Pick<ChallengeTables, 'openChallenges' | 'openChallengePositions'>) {
        super(tables.openChallenges, tables.openChallengePositions);
    }
}
