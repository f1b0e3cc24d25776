import type { Principal } from '@dfinity/principal';
import type { StateTables } from './records';

/** A durable queue of nodes whose facts rewards must learn. Versions make the delivery idempotent, so it may repeat. */
export class FactsOutbox {
    constructor(private readonly tables: StateTables) {}

    add(node: Principal): void {
        const sequence = this.tables.factsSequence.get();
        this.tables.factsOutbox.set(sequence, node);
        this.tables.factsSequence.set(sequence + 1n);
    }

    pending(): bigint {
        return BigInt(this.tables.factsOutbox.size());
    }

    /** The oldest entries, each node once, and the sequence number behind them. */
    batch(limit: bigint): { readonly nodes: readonly Principal[]; readonly until: bigint } {
        const from = this.tables.factsOutbox.firstKey();
        if (from === undefined) return { nodes: [], until: 0n };
        const end = this.tables.factsSequence.get();
        const until = from + limit < end ? from + limit : end;
        const nodes = new Map<string, Principal>();
        for (let sequence = from; sequence < until; sequence++) {
            const node = this.tables.factsOutbox.get(sequence);
            if (node !== undefined) nodes.set(node.toText(), node);
        }
        return { nodes: [...nodes.values()], until };
    }

    /** Forgets the entries before a sequence number: rewards has them. What was queued meanwhile lies behind it. */
    acknowledge(until: bigint): void {
        for (;;) {
            const first = this.tables.factsOutbox.firstKey();
            if (first === undefined || first >= until) return;
            this.tables.factsOutbox.delete(first);
        }
    }
}
