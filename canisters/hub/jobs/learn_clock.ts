import type { Result } from '../../../src/core/result';
import type { Calendar, HubClock } from '../domain/calendar';
import type { Settlements } from '../domain/settlements';
import type { Obstacle } from './settlement_peers';

/** Rewards' clock and the round that it settles next. */
export interface ClockSource {
    clock(): Promise<Result<HubClock, Obstacle>>;
}

/** Asks rewards for the clock until it is known; from then on never again. Answers whether it is known. */
export async function learnClock(calendar: Calendar, settlements: Settlements, source: ClockSource): Promise<boolean> {
    if (calendar.get() !== undefined) return true;
    const answer = await source.clock();
    if (!answer.ok) return false;
    calendar.adopt(answer.value);
    settlements.startAt(calendar.get()?.firstWindow ?? answer.value.firstWindow);
    return true;
}
