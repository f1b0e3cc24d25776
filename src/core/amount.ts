/** Base units in one EMC: amounts in `*_e8s` fields are counted in these. */
export const E8S_PER_EMC = 100_000_000n;

/** Fee of the EMC ledger: 0.001 EMC. */
export const LEDGER_FEE_E8S = 100_000n;

/** An exact ratio; money is multiplied by it with one floor, at the end. */
export interface Ratio {
    readonly num: bigint;
    readonly den: bigint;
}

/** floor(amount × ratio). */
export function applyRatio(amount: bigint, ratio: Ratio): bigint {
    return (amount * ratio.num) / ratio.den;
}

export function minAmount(a: bigint, b: bigint): bigint {
    return a < b ? a : b;
}

export function maxAmount(a: bigint, b: bigint): bigint {
    return a > b ? a : b;
}

/** Exact decimal text of an amount in base units, without trailing zeros: 150000000n → "1.5". */
export function formatAmount(amount: bigint, decimals = 8): string {
    const sign = amount < 0n ? '-' : '';
    const digits = (amount < 0n ? -amount : amount).toString().padStart(decimals + 1, '0');
    const whole = digits.slice(0, digits.length - decimals);
    const fraction = digits.slice(digits.length - decimals).replace(/0+$/, '');
    return sign + whole + (fraction === '' ? '' : `.${fraction}`);
}

/** Reads decimal text into base units; undefined when it is malformed or has too many decimals. */
export function parseAmount(text: string, decimals = 8): bigint | undefined {
    const match = /^(\d+)(?:\.(\d+))?$/.exec(text.replace(/_/g, ''));
    const fraction = match?.[2] ?? '';
    if (match?.[1] === undefined || fraction.length > decimals) return undefined;
    return BigInt(match[1] + fraction.padEnd(decimals, '0'));
}
