/** `DIDL`: what every Candid message begins with. */
export const MAGIC: readonly number[] = [0x44, 0x49, 0x44, 0x4c];

/** Whether bytes could be a Candid message, by their beginning alone. */
export function beginsAsCandid(bytes: Uint8Array): boolean {
    return MAGIC.every((byte, index) => bytes[index] === byte);
}
