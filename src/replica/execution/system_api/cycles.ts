/** Cycles: balance, accepting, refunds, burning. */
import { contractViolation, HostTrap, trapped } from '../traps';
import { cyclesToHeap, joinHalves } from './copy';
import type { Execution } from './execution';
import { group } from './handlers';

const MAX_U64 = 2n ** 64n - 1n;

/** Results of the old 64-bit functions. */
function fitting64(amount: bigint): bigint {
    if (amount > MAX_U64) throw new HostTrap(trapped('cycles amount exceeds 64-bit representation'));
    return amount;
}

const available = (x: Execution): bigint => x.input.cyclesAvailable - x.cyclesAccepted;

const smaller = (left: bigint, right: bigint): bigint => (left < right ? left : right);

function accept(x: Execution, max: bigint): bigint {
    const accepted = smaller(max, available(x));
    x.cyclesAccepted += accepted;
    x.limitHeap();
    return accepted;
}

function burn(x: Execution, amount: bigint): bigint {
    const burned = smaller(amount, x.liquidBalance);
    x.cyclesBurned += burned;
    x.limitHeap();
    return burned;
}

const maxBalance = 2n ** 128n - 1n;

function mint(x: Execution, amount: bigint): bigint {
    if (!x.input.mayMint) {
        throw contractViolation('ic0.mint_cycles128 cannot be executed on non Cycles Minting Canister');
    }
    const minted = smaller(amount, maxBalance - x.balance);
    x.cyclesMinted += minted;
    x.limitHeap();
    return minted;
}

/** Balances of cycles, those of a message, and what is taken of them. */
export const cyclesApi = group({
    msg_cycles_available: (x) => fitting64(available(x)),
    msg_cycles_available128: (x, dst) => cyclesToHeap(x, 'msg_cycles_available128', available(x), dst),
    msg_cycles_refunded: (x) => fitting64(x.input.cyclesRefunded),
    msg_cycles_refunded128: (x, dst) => cyclesToHeap(x, 'msg_cycles_refunded128', x.input.cyclesRefunded, dst),
    msg_cycles_accept: (x, max) => accept(x, max),
    msg_cycles_accept128: (x, high, low, dst) =>
        cyclesToHeap(x, 'msg_cycles_accept128', accept(x, joinHalves(high, low)), dst),
    cycles_burn128: (x, high, low, dst) => cyclesToHeap(x, 'cycles_burn128', burn(x, joinHalves(high, low)), dst),
    mint_cycles128: (x, high, low, dst) => cyclesToHeap(x, 'mint_cycles128', mint(x, joinHalves(high, low)), dst),
    canister_cycle_balance: (x) => fitting64(x.balance),
    canister_cycle_balance128: (x, dst) => cyclesToHeap(x, 'canister_cycle_balance128', x.balance, dst),
    canister_liquid_cycle_balance128: (x, dst) =>
        cyclesToHeap(x, 'canister_liquid_cycle_balance128', x.liquidBalance, dst)
});
