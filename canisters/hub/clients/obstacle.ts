import type { CallFailure } from '../../../src/azle/c2c';
import { err, type Result } from '../../../src/core/result';
import type { Obstacle } from '../jobs/settlement_peers';

/** A call without an answer, as the settlement tells it to operators. */
export function orObstacle<T>(reply: Result<T, CallFailure>): Result<T, Obstacle> {
    return reply.ok ? reply : err(`${reply.error.method}: ${reply.error.message}`);
}
