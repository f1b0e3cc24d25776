/** State machine, keys and certification put together: the network without transport and without its own clock. */
import { checkReadAccess, type ReadScope } from './certification/read_access';
import { StateTree } from './certification/state_tree';
import { checkEffectiveCanister } from './effective_canister';
import { InternetComputer, type NetworkImage } from './ic';
import { systemCanisters, type SystemCanisters, type SystemCanisterSet, type SystemImage } from './natives';
import type { IngressMessage, NetworkConfig, QueryResult, SubmitResult, SubnetConfig } from './state/api';
import { defaultGenesisNs } from './state/network';
import { Subnets, type SubnetPlan } from './subnets';
import type { AuthenticRequest } from './wire/authenticate';
import { fromHex, utf8 } from './wire/bytes';
import { cborRecord, type CborKey, type CborValue } from './wire/cbor';
import type { CanisterRequest, ReadStateRequest } from './wire/envelope';
import { checkTimes } from './wire/expiry';
import type { Refusal } from './wire/refusal';
import { hashOfMap } from './wire/request_id';
import { failure, success, type Result } from './wire/result';

/** What a network is started with; everything that the keys imply is filled in. */
export type CoreOptions = Omit<
    NetworkConfig,
    'subnetId' | 'rootKeyDer' | 'nodeIds' | 'dataCertificate' | 'otherSubnets' | 'addSubnet'
> & {
    /** For a network of several subnets, home subnet first. Default: one subnet that has every canister id. */
    readonly subnets?: readonly SubnetPlan[];
    /** A canister with an id of the real network that no subnet has brings the subnet of that id into being. */
    readonly addsMainnetSubnets?: boolean;
    /** Told when a subnet has come into being. */
    readonly onSubnetAdded?: () => void;
    /** Take requests without signatures, or beyond their expiry (PocketIC's `disable_ingress_validation`). */
    readonly skipsValidation?: boolean;
    /** The ledgers and the minting canister that deployment tools expect. Default: none. */
    readonly systemCanisters?: SystemCanisters;
};

/** Everything that a network is, but its options and keys. */
export interface CoreImage {
    readonly network: NetworkImage;
    /** Absent for networks without system canisters. */
    readonly system: SystemImage | undefined;
}

/** The state machine with its keys: everything of a network but clocks and threads. */
export class NetworkCore {
    readonly ic: InternetComputer;
    readonly subnets: Subnets;
    readonly #tree: StateTree;
    readonly skipsValidation: boolean;
    readonly #system: SystemCanisterSet | undefined;

    /** With an image the network goes on where the image was taken. */
    constructor(
        { skipsValidation = false, systemCanisters: wanted, subnets: plans, ...others }: CoreOptions,
        image?: CoreImage
    ) {
        const { addsMainnetSubnets = false, onSubnetAdded, ...options } = others;
        const subnets = new Subnets(options.seed, plans, options.canisterRanges);
        const { home, root } = subnets;
        this.subnets = subnets;
        this.skipsValidation = skipsValidation;
        if (addsMainnetSubnets && image !== undefined) addSubnetsOf(image.network, subnets);
        const addSubnet = (canisterId: Uint8Array): SubnetConfig | undefined => {
            const added = subnets.addMainnetSubnet(canisterId);
            if (added !== undefined) onSubnetAdded?.();
            return added;
        };
        const config: NetworkConfig = {
            ...options,
            ...(addsMainnetSubnets && { addSubnet }),
            ...(plans !== undefined && plans.length > 0 && subnets.homeConfig),
            canisterRanges: home.identity.canisterRanges,
            subnetId: home.identity.subnetId,
            rootKeyDer: root.identity.publicKeyDer,
            nodeIds: home.identity.nodeIds,
            otherSubnets: subnets.others,
            dataCertificate: (canisterId) => this.#dataCertificate(canisterId)
        };
        const genesisNs = image?.network.records.scalars.genesisNs ?? options.genesisNs ?? defaultGenesisNs;
        this.#system = wanted && systemCanisters(wanted, { placement: subnets, genesisNs }, image?.system);
        this.ic = new InternetComputer(config, this.#system?.canisters, image?.network);
        this.#tree = new StateTree(this.ic, () => subnets.facts);
        if (image !== undefined) this.trackAll();
        subnets.certify({
            tree: this.#tree,
            stateVersion: () => this.ic.stateVersion(),
            timeNs: () => this.ic.certifiedTimeNs()
        });
    }

    /** Why the request is not even looked at. */
    refusal(request: AuthenticRequest<CanisterRequest>, effectiveCanisterId: Uint8Array): Refusal | undefined {
        return this.#checkTimes(request) ?? checkEffectiveCanister(request.content, effectiveCanisterId);
    }

    /** Takes a call in that nothing speaks against. The outcome of the call itself is certified later. */
    submit(message: IngressMessage, isInspected: boolean): SubmitResult {
        const result = this.ic.submitIngress(message, isInspected);
        if (result.kind === 'accepted') this.#tree.track(message.requestId, message.canisterId);
        return result;
    }

    /** Makes all requests that the network knows part of the certified state. */
    trackAll(): void {
        for (const { requestId, canisterId } of this.ic.requests()) this.#tree.track(requestId, canisterId);
    }

    /** The whole state, between two rounds. It shares memories with the network: write it down before the next round. */
    image(): CoreImage {
        return { network: this.ic.image(), system: this.#system?.image() };
    }

    /** Ids of the submitted requests that have ended since this was asked last. */
    takeEnded(): readonly Uint8Array[] {
        return this.#tree.refreshRequests();
    }

    /** Certificate with the time and the whole status of one request, by the subnet of its effective canister. */
    certifyRequest(requestId: Uint8Array, effectiveCanisterId: Uint8Array): Uint8Array {
        return this.#certifierOf(effectiveCanisterId).certify([[utf8('time')], [utf8('request_status'), requestId]]);
    }

    /** The answer to a query as the CBOR map of the interface, signed by the node. */
    signQueryAnswer(
        result: QueryResult,
        requestId: Uint8Array,
        effectiveCanisterId: Uint8Array
    ): ReadonlyMap<CborKey, CborValue> {
        const { node } = this.subnets.of(effectiveCanisterId).keys;
        const timestamp = this.ic.certifiedTimeNs();
        const answer = queryFields(result);
        const hash = hashOfMap(new Map([...answer, ['timestamp', timestamp], ['request_id', requestId]]));
        const signature = hash === undefined ? new Uint8Array() : node.signResponse(hash);
        const signatures = [cborRecord({ timestamp, signature, identity: node.nodeId })];
        return new Map<CborKey, CborValue>([...answer, ['signatures', signatures]]);
    }

    /** A certificate of the requested paths, CBOR. */
    readState(request: AuthenticRequest<ReadStateRequest>, scope: ReadScope): Result<Uint8Array, Refusal> {
        const refusal = this.#checkTimes(request) ?? checkReadAccess(request, scope, this.#accessSource());
        if (refusal !== undefined) {
            return failure(refusal);
        }
        const signer = scope.kind === 'subnet' ? this.subnets.byId(scope.subnetId) : this.subnets.of(scope.canisterId);
        const certifier = this.subnets.certifier(signer ?? this.subnets.root);
        return success(certifier.certify([[utf8('time')], ...request.content.paths]));
    }

    #accessSource(): Parameters<typeof checkReadAccess>[2] {
        return {
            canister: (canisterId) => this.ic.canister(canisterId),
            request: (requestId) => this.ic.request(requestId),
            addressee: (requestId) => this.#tree.addressee(requestId)
        };
    }

    #checkTimes(request: AuthenticRequest): Refusal | undefined {
        return this.skipsValidation ? undefined : checkTimes(request, this.ic.currentTimeNs());
    }

    #dataCertificate(canisterId: Uint8Array): Uint8Array {
        const path = [utf8('canister'), canisterId, utf8('certified_data')];
        return this.#certifierOf(canisterId).certify([[utf8('time')], path]);
    }

    #certifierOf(canisterId: Uint8Array): ReturnType<Subnets['certifier']> {
        return this.subnets.certifier(this.subnets.of(canisterId));
    }
}

/** Subnets that came into being before the image was taken: each has had a canister with one of its ids. */
function addSubnetsOf({ records }: NetworkImage, subnets: Subnets): void {
    for (const { plain } of records.canisters) subnets.addMainnetSubnet(plain.id);
    for (const key of records.deletedIds) subnets.addMainnetSubnet(fromHex(key));
}

function queryFields(result: QueryResult): ReadonlyMap<CborKey, CborValue> {
    if (result.kind === 'replied') {
        return cborRecord({ status: 'replied', reply: cborRecord({ arg: result.data }) });
    }
    const { rejectCode, message, errorCode } = result.rejection;
    return cborRecord({
        status: 'rejected',
        reject_code: BigInt(rejectCode),
        reject_message: message,
        error_code: errorCode
    });
}
