import type { ChallengeTables } from './records';

/**
 * The challenges that are not final, as a list without holes: a removed entry's place is taken by the last one, so that
 * adding, removing and paging cost the same whatever the history.
 */
export class OpenList {
    constructor(private readonly tables: Pick<ChallengeTables, 'openChallenges' | 'openChallengePositions'>) {}

    size(): bigint {
        return BigInt(this.tables.openChallenges.size());
    }

    at(position: bigint): bigint | undefined {
        return this.tables.openChallenges.get(position);
    }

    add(id: bigint): void {
        const position = this.size();
        this.tables.openChallenges.set(position, id);
        this.tables.openChallengePositions.set(id, position);
    }

    remove(id: bigint): void {
        const { openChallenges, openChallengePositions } = this.tables;
        const position = openChallengePositions.get(id);
        if (position === undefined) return;
        const last = this.size() - 1n;
        const moved = openChallenges.get(last);
        if (moved !== undefined && moved !== id) {
            openChallenges.set(position, moved);
            openChallengePositions.set(moved, position);
        }
        openChallenges.delete(last);
        openChallengePositions.delete(id);
    }
}
