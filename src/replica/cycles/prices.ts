/** What everything costs, in cycles (replica.md d.3): the published prices of a 13-node subnet, scaled to the subnet's size. */
import type { CostTable, Keeping, OutcallUsage } from '../execution/types';

const referenceNodes = 13n;
const maxResponseBytes = 2n * 1024n * 1024n;
/** Keys that test networks offer; prices are those of a signature with each. */
const signaturePrices: ReadonlyMap<string, bigint> = new Map([
    ['dfx_test_key', 10_000_000_000n],
    ['test_key_1', 10_000_000_000n],
    ['key_1', 26_153_846_153n]
]);

const perGibAndSecond = 127_000n;
const perPercentAndSecond = 10_000_000n;
const gib = 1n << 30n;
/** In nanoseconds. */
const second = 1_000_000_000n;
const secondsPerDay = 86_400n;

/** What the prices depend on. */
export interface PriceConfig {
    readonly nodes: number;
    readonly free: boolean;
    /** Instructions that a callback may use, for the reserve of `call_perform`. */
    readonly callbackInstructions: bigint;
    /** Of code with a 64-bit memory. */
    readonly is64?: boolean;
}

/** The replica's `WASM64_INSTRUCTION_COST_OVERHEAD`: what an instruction costs with a 64-bit memory. */
const cyclesPerInstruction64 = 2n;

/** Every price is zero under the `Free` schedule. */
export class Prices implements CostTable {
    private readonly nodes: bigint;
    private readonly perInstruction: bigint;
    private of64: Prices | undefined;

    constructor(readonly config: PriceConfig) {
        this.nodes = BigInt(config.nodes);
        this.perInstruction = config.is64 === true ? cyclesPerInstruction64 : 1n;
    }

    /** The same prices, of code with pointers of this size. */
    forPointers(pointerBytes: 4 | 8): Prices {
        if (pointerBytes === 4) return this;
        this.of64 ??= new Prices({ ...this.config, is64: true });
        return this.of64;
    }

    get free(): boolean {
        return this.config.free;
    }

    createCanister(): bigint {
        return this.scaled(500_000_000_000n);
    }

    /** One message execution that used this many instructions. */
    execution(instructions: bigint): bigint {
        return this.scaled(5_000_000n + this.perInstruction * instructions);
    }

    ingress(payloadBytes: number): bigint {
        return this.scaled(1_200_000n + 2_000n * BigInt(payloadBytes));
    }

    /** The part of a call's fee that is spent when it is sent. */
    callRequest(methodAndPayloadBytes: bigint): bigint {
        return this.scaled(260_000n + 1_000n * methodAndPayloadBytes);
    }

    callResponse(payloadBytes: bigint): bigint {
        return this.scaled(1_000n * payloadBytes);
    }

    /** Reserved for the longest response. */
    responseReserve(): bigint {
        return this.callResponse(maxResponseBytes);
    }

    /** Reserved for executing the callback. */
    callbackReserve(): bigint {
        return this.execution(this.config.callbackInstructions);
    }

    /** All that `call_perform` of code with such pointers withdraws beside the attached cycles. */
    call(methodNameBytes: bigint, payloadBytes: bigint, pointerBytes: 4 | 8): bigint {
        const callback = this.forPointers(pointerBytes).callbackReserve();
        return this.callRequest(methodNameBytes + payloadBytes) + this.responseReserve() + callback;
    }

    httpRequest(requestBytes: bigint, maxBytes: bigint): bigint {
        if (this.free) return 0n;
        return (3_000_000n + 60_000n * this.nodes + 400n * requestBytes + 800n * maxBytes) * this.nodes;
    }

    /** The replica's formula for outcalls that are priced by what they use. */
    httpRequestV2(usage: OutcallUsage): bigint {
        if (this.free) return 0n;
        const { nodes } = this;
        const request = 1_000_000n + 50n * usage.requestBytes + 140_000n * nodes + 800n * nodes * nodes;
        const response = 50n * usage.rawResponseBytes + 300n * usage.roundtripMs + usage.transformInstructions / 13n;
        return (request + response + (10n * nodes + 600n) * usage.transformedResponseBytes) * nodes;
    }

    sign(
        scheme: 'ecdsa' | 'schnorr' | 'vetkd',
        keyName: string,
        curve: number
    ): bigint | 'unknown-curve' | 'unknown-key' {
        // Schnorr has two algorithms, ECDSA and vetKD one curve each.
        const curves = scheme === 'schnorr' ? 2 : 1;
        if (curve >= curves) return 'unknown-curve';
        const price = signaturePrices.get(keyName);
        return price === undefined ? 'unknown-key' : this.scaled(price);
    }

    /** Compiling a module at installation: 6 000 instructions per WebAssembly instruction. */
    compilation(wasmInstructions: bigint): bigint {
        return this.scaled(6_000n * this.perInstruction * wasmInstructions);
    }

    /** Storage and compute allocation over a time. */
    rent(bytes: bigint, computePercent: bigint, elapsedNs: bigint): bigint {
        const rate = bytes * perGibAndSecond + computePercent * perPercentAndSecond * gib;
        return this.scaled((rate * elapsedNs) / (gib * second));
    }

    /** Storage and compute allocation of a day. */
    idleBurnPerDay(bytes: bigint, { allocation, computeAllocation }: Omit<Keeping, 'freezingThreshold'>): bigint {
        return this.rent(bytes > allocation ? bytes : allocation, computeAllocation, secondsPerDay * second);
    }

    freezingLimit(bytes: bigint, keeping: Keeping): bigint {
        return (this.idleBurnPerDay(bytes, keeping) * keeping.freezingThreshold) / secondsPerDay;
    }

    /** `freezingLimit` the other way round, up to its rounding. */
    affordableBytes(balance: bigint, { computeAllocation, freezingThreshold }: Keeping): bigint | undefined {
        if (this.free || freezingThreshold === 0n) return undefined;
        const perSecondTimesGib = (balance * referenceNodes * gib) / (this.nodes * freezingThreshold);
        const bytes = (perSecondTimesGib - computeAllocation * perPercentAndSecond * gib) / perGibAndSecond;
        return bytes > 0n ? bytes : 0n;
    }

    private scaled(price: bigint): bigint {
        return this.free ? 0n : (price * this.nodes) / referenceNodes;
    }
}
