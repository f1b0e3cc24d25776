/** The ledger as it is deployed, whose transfers for one caller fail; its other messages do not. */
import { initArguments } from '../../src/client/deployment';
import { faultySource, makeFaulty, REPLY_FAULTS } from './faulty_canister';
import type { Suite } from './suite';

/** `unavailable`: refused for now, in the ledger's own words. */
export const LEDGER_FAULTS = [...REPLY_FAULTS, 'unavailable'] as const;
export type LedgerFault = (typeof LEDGER_FAULTS)[number];

/** What a transfer left for its reply. */
const MEETS = `const now = left;
    left = 'none';
    return now;`;

const TRANSFERS = `
let left = 'none';

for (const name of ['transfer', 'transferFrom']) {
    const { ledger, env } = wiring;
    const original = ledger[name].bind(ledger);
    ledger[name] = (order, nowNs) => {
        if (env.caller().toText() !== target || fault === 'none') return original(order, nowNs);
        if (fault === 'unavailable') return { ok: false, error: { kind: 'temporarily_unavailable' } };
        left = fault;
        return original(order, nowNs);
    };
}
`;

/**
 * Upgrades the suite's ledger to the faulty one, on the same stable memory; the returned function sets the fault, which an upgrade
 * ends.
 */
export function makeLedgerFaulty(
    suite: Suite,
    arg = initArguments(suite.ids, suite.options).get('token_icrc1'),
    caller = suite.ids.rewards
): Promise<(fault: LedgerFault) => Promise<void>> {
    const source = (root: string): string => faultySource(root, 'token_icrc1', MEETS, TRANSFERS);
    return makeFaulty<LedgerFault>(suite, 'token_icrc1', caller, source, arg);
}
