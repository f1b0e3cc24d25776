import { pocDigest, tradesDigest, windowDigest, type StateItem } from '../../core/consensus/state_item';
import type { AgreementPort, RecordsPort, TurnInfo } from './ports';

/** Items of each kind in one state at most: the canister takes 128 in all. */
const MOST_RESULTS = 64n;
const MOST_WINDOWS = 16n;

/** What happened since the last state: the items of the next one. Windows and rounds without any trade are passed over. */
export async function collectItems(
    turn: TurnInfo,
    agreement: AgreementPort,
    records: RecordsPort
): Promise<readonly StateItem[]> {
    const results = await collectResults(turn, agreement);
    const current = await records.currentWindow();
    if (current === undefined) return results;
    const tasks = await collectWindows(turn.nextRefs.taskDigests, current, (window) => taskItem(window, records));
    const trades = await collectWindows(turn.nextRefs.trades, current, (round) => tradeItem(round, records));
    return [...results, ...tasks, ...trades];
}

async function collectResults(turn: TurnInfo, agreement: AgreementPort): Promise<readonly StateItem[]> {
    const start = turn.nextRefs.pocResults;
    if (start >= turn.pocResults) return [];
    const outcomes = await agreement.pocOutcomes(start, MOST_RESULTS);
    return outcomes.map((outcome, i) => ({ kind: 'PocResult', ref: start + BigInt(i), digest: pocDigest(outcome) }));
}

/** Looks at the last windows that are not recorded; one that is not settled yet ends the look. */
async function collectWindows(
    next: bigint,
    current: bigint,
    itemOf: (window: bigint) => Promise<StateItem | 'empty' | 'open'>
): Promise<readonly StateItem[]> {
    const oldest = current > MOST_WINDOWS ? current - MOST_WINDOWS : 0n;
    const items: StateItem[] = [];
    for (let window = next > oldest ? next : oldest; window < current; window++) {
        const item = await itemOf(window);
        if (item === 'open') break;
        if (item !== 'empty') items.push(item);
    }
    return items;
}

async function taskItem(window: bigint, records: RecordsPort): Promise<StateItem | 'empty' | 'open'> {
    const counts = await records.windowCounts(window);
    if (counts === undefined) return 'open';
    return counts.records === 0n ? 'empty' : { kind: 'TaskDigest', ref: window, digest: windowDigest(counts) };
}

async function tradeItem(round: bigint, records: RecordsPort): Promise<StateItem | 'empty' | 'open'> {
    const trades = await records.tradesSettled(round);
    if (trades === undefined) return 'open';
    return trades.volumeE8s === 0n ? 'empty' : { kind: 'Trade', ref: round, digest: tradesDigest(trades) };
}
