/** Calls to a crowd of nodes, opened and recorded at the hub as the gateway canister does it. */
import { receiptBody } from '../../src/core/compute/receipt';
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import { u64Key } from '../../src/core/codec';
import { sha256 } from '../../src/core/hash';
import { idlFactory, type _SERVICE } from '../../src/declarations/hub';
import { accepted } from './answers';
import { principalNamed, type LocalActor } from './local_network';
import type { LocalSuite } from './local_suite';
import { buyCredits } from './market';

type Opening = Parameters<LocalActor<_SERVICE>['c2c_open_request']>[0];
type Recording = Parameters<LocalActor<_SERVICE>['c2c_record_results']>[0][number];
type Method = 'c2c_open_request' | 'c2c_record_results';

const methods = new Map(idlFactory({ IDL })._fields);
/** Results that one message brings: what the gateway canister sends at most. */
const RECORDED_TOGETHER = 64;
/** Of so many calls to a node one is cancelled when it has used its credit. */
const CANCELLED_OF = 10;

/** The node of an index, as the state machine's seeder makes it. */
function nodeOf(index: number): Principal {
    const bytes = new Uint8Array(29);
    bytes[0] = 1;
    new DataView(bytes.buffer).setUint32(1, index);
    bytes[28] = 2;
    return Principal.fromUint8Array(bytes);
}

/** Bytes of their own for each number. */
const hashOf = (number: number): Uint8Array => sha256(u64Key.encode(BigInt(number)));

/**
 * Calls of one credit: call r is of buyer r / nodes, by an API key, to node r % nodes, so that all pairs differ. Every
 * record is a row with its reservation, capture and receipt; each node has one cancelled call of ten.
 */
export class CrowdCalls {
    private made = 0;

    constructor(
        private readonly suite: LocalSuite,
        private readonly nodes: number
    ) {}

    make(records: number, tell: (done: number, step: number) => void): void {
        const first = this.made;
        const end = first + records;
        for (let buyer = first / this.nodes; buyer < end / this.nodes; buyer++) this.openAccount(buyer);
        while (this.made < end) {
            const count = Math.min(RECORDED_TOGETHER, end - this.made);
            const calls = Array.from({ length: count }, (_, index) => this.made + index);
            this.send('c2c_open_request', calls, 1, (call) => [this.opening(call)]);
            this.send('c2c_record_results', calls, RECORDED_TOGETHER, (...some) => [
                some.map((call) => this.recording(call))
            ]);
            this.made += count;
            tell(this.made - first, count);
        }
    }

    private openAccount(index: number): void {
        const buyer = principalNamed(`buyer ${index}`);
        buyCredits(this.suite, buyer);
        accepted(this.suite.as('hub', buyer).create_api_key({ key_hash: hashOf(index), label: 'crowd' }));
    }

    private opening(call: number): Opening {
        const payer = { ApiKey: hashOf(Math.floor(call / this.nodes)) };
        return { request_id: BigInt(call), payer, app_id: 'crowd', max_credits: 2n };
    }

    private recording(call: number): Recording {
        const isCancelled = (call + Math.floor(call / this.nodes)) % CANCELLED_OF === 0;
        return {
            request_id: BigInt(call),
            node: [nodeOf(call % this.nodes)],
            status: isCancelled ? { Cancelled: null } : { Success: null },
            credits_used: 1n,
            receipt_hash: [],
            receipt: [receiptBody({ attempt: 1, units: 1n, outputHash: hashOf(call) })]
        };
    }

    /** So many calls in each message; every answer is an Ok. */
    private send(
        method: Method,
        calls: readonly number[],
        each: number,
        argsOf: (...some: number[]) => unknown[]
    ): void {
        const { network, ids } = this.suite;
        const { argTypes = [], retTypes = [] } = methods.get(method) ?? {};
        for (let at = 0; at < calls.length; at += each) {
            const argument = new Uint8Array(IDL.encode(argTypes, argsOf(...calls.slice(at, at + each))));
            const reply = network.update({ to: ids.hub, method, argument, from: ids.compute_gateway });
            const [answer] = IDL.decode(retTypes, reply);
            for (const one of [answer].flat()) accepted(one as unknown as { Ok: unknown });
        }
    }
}
