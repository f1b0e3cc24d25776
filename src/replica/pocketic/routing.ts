import { idInRange, idText } from '../state/principals';
import type { SubnetIdentity } from '../subnets';
import { isBoundToNamedSubnet, mainnetSubnet } from '../subnet_kinds';

const canisterIdBytes = 10;

/** Why no subnet of the instance can be responsible for the id, in the words of the real server; undefined when one is. */
export function unroutable(subnets: readonly SubnetIdentity[], canisterId: Uint8Array): string | undefined {
    const isOurs = subnets.some(({ canisterRanges }) =>
        canisterRanges.some(({ start, end }) => idInRange(canisterId, start, end))
    );
    if (isOurs || mainnetSubnet(canisterId) !== undefined) return undefined;
    const id = `effective canister ID ${idText(canisterId)}`;
    if (canisterId.length !== canisterIdBytes) {
        return `The binary representation ${Buffer.from(canisterId).toString('hex')} of ${id} should consist of ${canisterIdBytes} bytes.`;
    }
    const index = new DataView(canisterId.buffer, canisterId.byteOffset).getBigUint64(0);
    return isBoundToNamedSubnet(index)
        ? `The ${id} belongs to the NNS or II subnet on the IC mainnet for which PocketIC provides a \`SubnetKind\`: please set up your PocketIC instance with a subnet of that \`SubnetKind\`.`
        : `The ${id} does not belong to an existing subnet and it is not a mainnet canister ID.`;
}
