/**
 * Rows and keys that every request writes, by hand for the reasons that `fixed_rows.ts` and `row_bytes.ts` of src/core give. No
 * parameter is taken apart in its place: that costs QuickJS 3 800 instructions a field, in the body 400.
 */
import { codecOf, nat, principal, record, u64, ValueOutOfRange, type Codec } from '../../src/core/codec';
import { U64Row } from '../../src/core/fixed_rows';
import { nameOf } from '../../src/core/principals';
import type { CreditAccount, CreditTotals } from './domain/credit_book';
import type { KeyUse } from './domain/key_limits';
import type { NodeInWindow, NodeUsage, PairAmounts, PairInWindow, WindowSums } from './domain/window_book';

const MAX_U64 = 0xffff_ffff_ffff_ffffn;

/** Sums of e8s: a window would have to turn over 180 billion EMC. */
function fitting(e8s: bigint): bigint {
    if (e8s > MAX_U64) throw new ValueOutOfRange('u64', e8s);
    return e8s;
}

const account = new U64Row(5);

export const creditAccountCodec: Codec<CreditAccount> = {
    encode(of) {
        const { words } = account;
        words[4] = of.bought;
        words[3] = of.available;
        words[2] = of.held;
        words[1] = of.spent;
        words[0] = of.withdrawn;
        return account.take();
    },
    decode(row) {
        const [withdrawn = 0n, spent = 0n, held = 0n, available = 0n, bought = 0n] = account.read(row);
        return { bought, available, held, spent, withdrawn };
    }
};

const totals = new U64Row(7);

export const creditTotalsCodec: Codec<CreditTotals> = {
    encode(of) {
        const { words } = totals;
        // Every place has at most what was bought.
        words[6] = fitting(of.bought);
        words[5] = of.available;
        words[4] = of.held;
        words[3] = of.captured;
        words[2] = of.settled;
        words[1] = of.withdrawing;
        words[0] = of.withdrawn;
        return totals.take();
    },
    decode(row) {
        const [withdrawn = 0n, withdrawing = 0n, settled = 0n, captured = 0n, held = 0n, available = 0n, bought = 0n] =
            totals.read(row);
        return { bought, available, held, captured, settled, withdrawing, withdrawn };
    }
};

const use = new U64Row(4);

export const keyUseCodec: Codec<KeyUse> = {
    encode(of) {
        const { words } = use;
        words[3] = of.minuteNs;
        words[2] = of.requests;
        words[1] = of.held;
        words[0] = of.spent;
        return use.take();
    },
    decode(row) {
        const [spent = 0n, held = 0n, requests = 0n, minuteNs = 0n] = use.read(row);
        return { minuteNs, requests, held, spent };
    }
};

const sums = new U64Row(5);

/** Schema 6 had the length of `marketE8s` before it. */
const sumsOfSix = codecOf(
    record<WindowSums>({ records: u64, successes: u64, credits: u64, cancelledCredits: u64, marketE8s: nat })
);

export const windowSumsCodec: Codec<WindowSums> = {
    encode(of) {
        const { words } = sums;
        words[4] = of.records;
        words[3] = of.successes;
        words[2] = of.credits;
        words[1] = of.cancelledCredits;
        words[0] = fitting(of.marketE8s);
        return sums.take();
    },
    decode(row) {
        if (row.length !== sums.bytes) return sumsOfSix.decode(row);
        const [marketE8s = 0n, cancelledCredits = 0n, credits = 0n, successes = 0n, records = 0n] = sums.read(row);
        return { records, successes, credits, cancelledCredits, marketE8s };
    }
};

const usage = new U64Row(5);

export const nodeUsageCodec: Codec<NodeUsage> = {
    encode(of) {
        const { words } = usage;
        words[4] = of.records;
        words[3] = of.successes;
        words[2] = of.credits;
        words[1] = of.cancelledCredits;
        words[0] = of.returned;
        return usage.take();
    },
    decode(row) {
        const [returned = 0n, cancelledCredits = 0n, credits = 0n, successes = 0n, records = 0n] = usage.read(row);
        return { records, successes, credits, cancelledCredits, returned };
    }
};

const amounts = new U64Row(3);

/** Schema 6 had the length of `marketE8s` before it. */
const amountsOfSix = codecOf(record<PairAmounts>({ fresh: u64, carried: u64, marketE8s: nat }));

export const pairAmountsCodec: Codec<PairAmounts> = {
    encode(of) {
        const { words } = amounts;
        words[2] = of.fresh;
        words[1] = of.carried;
        words[0] = fitting(of.marketE8s);
        return amounts.take();
    },
    decode(row) {
        if (row.length !== amounts.bytes) return amountsOfSix.decode(row);
        const [marketE8s = 0n, carried = 0n, fresh = 0n] = amounts.read(row);
        return { fresh, carried, marketE8s };
    }
};

/** The window whose keys were made last: nearly all are of one window. */
let window = 0n;
let windowBytes = new Uint8Array(8);
let windowName = ' 0';

function useWindow(next: bigint): void {
    if (next === window) return;
    window = next;
    windowBytes = new Uint8Array(8);
    new DataView(windowBytes.buffer).setBigUint64(0, next);
    windowName = ` ${next}`;
}

function writeName(key: Uint8Array, at: number, name: Uint8Array): void {
    key[at] = name.length;
    key.set(name, at + 1);
}

const nodeKeyOfSix = codecOf(record<NodeInWindow>({ window: u64, node: principal }));

/** The window, then the node behind its length. */
export const nodeInWindowKey: Codec<NodeInWindow> = {
    encode(of) {
        useWindow(of.window);
        const node = of.node.toUint8Array();
        const key = new Uint8Array(9 + node.length);
        key.set(windowBytes);
        writeName(key, 8, node);
        return key;
    },
    decode: (key) => nodeKeyOfSix.decode(key)
};

const pairKeyOfSix = codecOf(record<PairInWindow>({ window: u64, node: principal, buyer: principal }));

/** The window, then the node and the buyer, each behind its length. */
export const pairInWindowKey: Codec<PairInWindow> = {
    encode(of) {
        useWindow(of.window);
        const node = of.node.toUint8Array();
        const buyer = of.buyer.toUint8Array();
        const key = new Uint8Array(10 + node.length + buyer.length);
        key.set(windowBytes);
        writeName(key, 8, node);
        writeName(key, 9 + node.length, buyer);
        return key;
    },
    decode: (key) => pairKeyOfSix.decode(key)
};

/** What cached rows call a node in a window. */
export function nodeInWindowName(of: NodeInWindow): string {
    useWindow(of.window);
    return nameOf(of.node) + windowName;
}

/** No name of a principal has this character, so that two names in a row have one reading. */
const BETWEEN = 'Ā';

export function pairInWindowName(of: PairInWindow): string {
    useWindow(of.window);
    return nameOf(of.node) + BETWEEN + nameOf(of.buyer) + windowName;
}
