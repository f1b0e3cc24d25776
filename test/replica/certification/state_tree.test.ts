import { canisterRangesTree } from '../../../src/replica/certification/canister_tree';
import { StateTree } from '../../../src/replica/certification/state_tree';
import { Certifier } from '../../../src/replica/certification/certifier';
import { checkReadAccess, type ReadScope } from '../../../src/replica/certification/read_access';
import type { CanisterView, RequestView, SubnetMetrics } from '../../../src/replica/state/api';
import { decodeCbor } from '../../../src/replica/wire/cbor_decode';
import { toHex, utf8 } from '../../../src/replica/wire/bytes';
import { certificateTimeNs, decodeCertificate, verifyCertificate } from '../../../src/replica/wire/certificate';
import { networkKeys } from '../../../src/replica/wire/keys';
import { lookupLeaf, lookupPath } from '../../../src/replica/wire/lookup';

const keys = networkKeys(utf8('seed'));
const ranges = [{ start: Uint8Array.of(0), end: Uint8Array.of(255) }];

/** A state machine of plain fields. */
class FakeState {
    timeNs = 1n;
    version = 0;
    readonly canisterViews = new Map<string, CanisterView>();
    readonly requestViews = new Map<string, RequestView>();

    certifiedTimeNs(): bigint {
        return this.timeNs;
    }

    canisters(): Iterable<CanisterView> {
        return this.canisterViews.values();
    }

    canister(id: Uint8Array): CanisterView | undefined {
        return this.canisterViews.get(toHex(id));
    }

    request(id: Uint8Array): RequestView | undefined {
        return this.requestViews.get(toHex(id));
    }

    transactions = 0n;
    readonly done: Uint8Array[] = [];

    takeDoneRequests(): readonly Uint8Array[] {
        return this.done.splice(0);
    }

    subnetMetrics(): SubnetMetrics {
        const { transactions } = this;
        return { canisters: this.canisterViews.size, stateBytes: 7n, consumedCycles: 8n, transactions };
    }

    addressee(): undefined {
        return undefined;
    }

    put(index: number, change: Partial<CanisterView> = {}): Uint8Array {
        const canisterId = canisterId_(index);
        const base = { canisterId, controllers: [owner], certifiedData: new Uint8Array(), createdAtNs: 5n };
        const metadata = [
            { name: 'candid:service', visibility: 'public', content: utf8('service {}') },
            { name: 'notes', visibility: 'private', content: utf8('secret') }
        ] as const;
        const view = { ...base, moduleHash: new Uint8Array(32), metadata, changeCounter: this.version, ...change };
        this.canisterViews.set(toHex(canisterId), view);
        this.version += 1;
        return canisterId;
    }

    setRequest(index: number, status: RequestView['status']): Uint8Array {
        const requestId = new Uint8Array(32).fill(index);
        const effectiveCanisterId = canisterId_(1);
        const changeCounter = this.version;
        this.requestViews.set(toHex(requestId), {
            requestId,
            sender: owner,
            canisterId: effectiveCanisterId,
            effectiveCanisterId,
            status,
            changeCounter
        });
        this.version += 1;
        return requestId;
    }
}

const owner = Uint8Array.of(1);
const stranger = Uint8Array.of(2);

function canisterId_(index: number): Uint8Array {
    return Uint8Array.of(0, 0, 0, 0, 0, 0, 0, index, 1, 1);
}

function treeOf(state: FakeState): StateTree {
    const subnet = {
        subnetId: keys.subnetId,
        publicKeyDer: keys.root.publicDer,
        type: 'application',
        nodes: [keys.node],
        canisterRanges: ranges
    } as const;
    const subnets = [subnet];
    return new StateTree(state, () => subnets);
}

test('state tree: follows canisters as they come, change and go', () => {
    const state = new FakeState();
    const tree = treeOf(state);
    const one = state.put(1);
    const two = state.put(2);
    const before = tree.current(keys.subnetId).digest;
    state.put(2, { certifiedData: utf8('changed') });
    const after = tree.current(keys.subnetId);
    expect(lookupLeaf(after, [utf8('canister'), two, utf8('certified_data')])).toEqual(utf8('changed'));
    expect(after.digest).not.toEqual(before);
    state.canisterViews.delete(toHex(one));
    expect(lookupPath(tree.current(keys.subnetId), [utf8('canister'), one]).kind).toBe('absent');
    const fresh = treeOf(state);
    expect(fresh.current(keys.subnetId).digest).toEqual(tree.current(keys.subnetId).digest);
});

test('state tree: an empty canister shows its controllers only', () => {
    const state = new FakeState();
    const id = state.put(1, { moduleHash: undefined });
    const tree = treeOf(state).current(keys.subnetId);
    expect(lookupPath(tree, [utf8('canister'), id, utf8('controllers')]).kind).toBe('found');
    expect(lookupPath(tree, [utf8('canister'), id, utf8('module_hash')]).kind).toBe('absent');
});

test('state tree: reports each request once when it ends, and forgets what the state forgot', () => {
    const state = new FakeState();
    const tree = treeOf(state);
    const id = state.setRequest(1, { kind: 'received' });
    tree.track(id, canisterId_(1));
    expect(tree.refreshRequests()).toEqual([]);
    state.setRequest(1, { kind: 'replied', data: utf8('42') });
    expect(tree.refreshRequests()).toEqual([id]);
    expect(tree.refreshRequests()).toEqual([]);
    const path = [utf8('request_status'), id];
    expect(lookupLeaf(tree.current(keys.subnetId), [...path, utf8('reply')])).toEqual(utf8('42'));
    state.requestViews.delete(toHex(id));
    state.timeNs += 60_000_000_000n;
    expect(lookupPath(tree.current(keys.subnetId), path).kind).toBe('absent');
});

test('state tree: both forms of the canister ranges are there', () => {
    const tree = treeOf(new FakeState()).current(keys.subnetId);
    expect(lookupPath(tree, [utf8('subnet'), keys.subnetId, utf8('canister_ranges')]).kind).toBe('found');
    expect(lookupPath(tree, [utf8('canister_ranges'), keys.subnetId, Uint8Array.of(0)]).kind).toBe('found');
});

test('state tree: all ranges of a subnet stand in one shard, in their order, under the first of its ids', () => {
    const at = (index: number): { start: Uint8Array; end: Uint8Array } => ({
        start: Uint8Array.of(index),
        end: Uint8Array.of(index)
    });
    const facts = {
        subnetId: keys.subnetId,
        publicKeyDer: keys.root.publicDer,
        type: 'application',
        nodes: []
    } as const;
    const tree = canisterRangesTree({ ...facts, canisterRanges: [7, 3, 1, 5, 2, 6].map(at) });
    const shard = (index: number): unknown => {
        const bytes = lookupLeaf(tree, [Uint8Array.of(index)]);
        const decoded = bytes && decodeCbor(bytes);
        return decoded?.ok === true ? decoded.value : undefined;
    };
    expect(shard(1)).toEqual([1, 2, 3, 5, 6, 7].map((index) => [Uint8Array.of(index), Uint8Array.of(index)]));
    expect(shard(2)).toBeUndefined();
});

test('state tree: the metrics of a subnet are at most ten seconds old', () => {
    const state = new FakeState();
    const tree = treeOf(state);
    const metrics = (): unknown => {
        const bytes = lookupLeaf(tree.current(keys.subnetId), [utf8('subnet'), keys.subnetId, utf8('metrics')]);
        const decoded = bytes && decodeCbor(bytes);
        return decoded?.ok === true && decoded.value instanceof Map ? Object.fromEntries(decoded.value) : undefined;
    };
    const figures = {
        num_canisters: 0n,
        canister_state_bytes: 7n,
        consumed_cycles_total: new Map([['current', 8n]]),
        update_transactions_total: 0n
    };
    expect(metrics()).toEqual(figures);
    state.transactions = 5n;
    expect(metrics()).toEqual(figures);
    state.timeNs += 10_000_000_000n;
    expect(metrics()).toEqual({ ...figures, update_transactions_total: 5n });
    // A canister more shows at once.
    state.put(1);
    tree.current(keys.subnetId);
    expect(metrics()).toMatchObject({ num_canisters: 1n });
});

test('state tree: of another subnet it shows key, kind and ranges, but neither nodes nor figures', () => {
    const state = new FakeState();
    const tree = treeOf(state);
    const kindOf = (signer: Uint8Array, name: string): string =>
        lookupPath(tree.current(signer), [utf8('subnet'), keys.subnetId, utf8(name)]).kind;
    const other = Uint8Array.of(9);
    for (const name of ['public_key', 'type', 'canister_ranges']) expect(kindOf(other, name)).toBe('found');
    for (const name of ['node', 'metrics']) expect(kindOf(other, name)).toBe('absent');
    expect(lookupPath(tree.current(keys.subnetId), [utf8('subnet'), keys.subnetId, utf8('metrics')]).kind).toBe(
        'found'
    );
    const nodeKey = [utf8('subnet'), keys.subnetId, utf8('node'), keys.node.nodeId, utf8('public_key')];
    expect(lookupLeaf(tree.current(keys.subnetId), nodeKey)).toEqual(keys.node.publicDer);
});

test('state tree: of a request whose answer was dropped it shows that it is done', () => {
    const state = new FakeState();
    const tree = treeOf(state);
    const requestId = state.setRequest(1, { kind: 'replied', data: utf8('answer') });
    tree.track(requestId, canisterId_(1));
    const leafOf = (name: string): string | undefined => {
        const bytes = lookupLeaf(tree.current(keys.subnetId), [utf8('request_status'), requestId, utf8(name)]);
        return bytes && Buffer.from(bytes).toString();
    };
    expect([leafOf('status'), leafOf('reply')]).toEqual(['replied', 'answer']);
    state.setRequest(1, { kind: 'done' });
    state.done.push(requestId);
    expect([leafOf('status'), leafOf('reply')]).toEqual(['done', undefined]);
});

test('certifier: signs once per state, and certificates verify', () => {
    const state = new FakeState();
    const tree = treeOf(state);
    let signatures = 0;
    const certifier = new Certifier({
        stateVersion: () => state.version,
        currentTree: () => tree.current(keys.subnetId),
        signRoot: (rootHash) => {
            signatures += 1;
            return keys.root.signRoot(rootHash);
        }
    });
    const certificates = [certifier.certify([[utf8('time')]]), certifier.certify([[utf8('subnet')]])];
    expect(signatures).toBe(1);
    const [withTime, withSubnet] = certificates.map(decodeCertificate);
    if (withTime === undefined || withSubnet === undefined) {
        throw new TypeError('not certificates');
    }
    expect(verifyCertificate(withTime, keys.root.publicDer, owner)).toBe(true);
    expect(verifyCertificate(withTime, networkKeys(utf8('other')).root.publicDer, owner)).toBe(false);
    expect([certificateTimeNs(withTime), certificateTimeNs(withSubnet)]).toEqual([1n, undefined]);
    state.put(1);
    certifier.certify([[utf8('time')]]);
    expect(signatures).toBe(2);
});

test('read access: what each caller may read under which address', () => {
    const state = new FakeState();
    const id = state.put(1);
    const other = state.put(2);
    const requestId = state.setRequest(1, { kind: 'received' });
    const requestId2 = state.setRequest(2, { kind: 'received' });
    const scope: ReadScope = { kind: 'canister', canisterId: id };
    const subnet: ReadScope = { kind: 'subnet', subnetId: keys.subnetId };
    type Label = string | Uint8Array;
    const readAll = (
        list: readonly (readonly Label[])[],
        sender: Uint8Array,
        at: ReadScope,
        targets?: Uint8Array[]
    ) => {
        const paths = list.map((path) => path.map((label) => (typeof label === 'string' ? utf8(label) : label)));
        const common = { requestId: new Uint8Array(32), sender, ingressExpiryNs: 0n };
        return (
            checkReadAccess({ content: { ...common, type: 'read_state', paths }, targets }, at, state)?.code ??
            'allowed'
        );
    };
    const read = (path: readonly Label[], sender = owner, at: ReadScope = scope, targets?: Uint8Array[]) =>
        readAll([path], sender, at, targets);
    expect(read(['time'])).toBe('allowed');
    expect(read(['subnet'], stranger, subnet)).toBe('allowed');
    expect(read(['canister', id, 'controllers'], stranger)).toBe('allowed');
    expect(read(['canister', id, 'metadata', 'candid:service'], stranger)).toBe('allowed');
    expect(read(['canister', id, 'metadata', 'notes'], owner)).toBe('allowed');
    expect(read(['canister', id, 'metadata', 'notes'], stranger)).toBe('forbidden');
    expect(read(['canister', id, 'metadata', 'notes', 'x'], stranger)).toBe('malformed');
    expect(read(['canister', id, 'metadata'], owner)).toBe('malformed');
    expect(read(['canister', id, 'certified_data'], owner)).toBe('malformed');
    expect(read(['canister', id], owner)).toBe('malformed');
    expect(read(['canister'], owner)).toBe('malformed');
    expect(read([], owner)).toBe('malformed');
    expect(read(['canister', other, 'controllers'])).toBe('wrong_canister');
    expect(read(['canister', id, 'controllers'], owner, subnet)).toBe('malformed');
    expect(read(['request_status', requestId], owner)).toBe('allowed');
    expect(read(['request_status', requestId], stranger)).toBe('forbidden');
    expect(read(['request_status', requestId], owner, { kind: 'canister', canisterId: other })).toBe('forbidden');
    expect(read(['request_status', requestId], owner, scope, [other])).toBe('forbidden');
    expect(read(['request_status'], owner)).toBe('malformed');
    expect(read(['request_status', new Uint8Array(31)], owner)).toBe('malformed');
    expect(read(['request_status', requestId], owner, subnet)).toBe('malformed');
    expect(
        readAll(
            [
                ['request_status', requestId, 'status'],
                ['request_status', requestId, 'reply']
            ],
            owner,
            scope
        )
    ).toBe('allowed');
    expect(
        readAll(
            [
                ['request_status', requestId],
                ['request_status', requestId2]
            ],
            owner,
            scope
        )
    ).toBe('malformed');
});
