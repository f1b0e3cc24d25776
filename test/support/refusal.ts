/** A canister's refusal as a test shows it: JSON, with integers of any size in digits. */
export function refusalText(refusal: unknown): string {
    return JSON.stringify(refusal, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
}
