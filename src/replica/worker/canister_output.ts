import { idText } from '../state/principals';

/** One line on standard error for each text that a canister printed: the time of its round, the canister, the text. */
export function printLog(canisterId: Uint8Array, timeNs: bigint, text: Uint8Array): void {
    const time = new Date(Number(timeNs / 1_000_000n)).toISOString();
    process.stderr.write(`${time} [Canister ${idText(canisterId)}] ${new TextDecoder().decode(text)}\n`);
}
