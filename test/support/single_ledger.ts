/** The EMC ledger alone on a PocketIC instance. */
import type { PocketIc } from '@dfinity/pic';
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import { readFile } from 'node:fs/promises';
import { buildCanisters } from '../../scripts/lib/canister_build';
import { idlFactory, init, type _SERVICE } from '../../src/declarations/token_icrc1';
import { sha256 } from '../../src/core/hash';
import { BY_FORCE, fromPicPrincipal, picActor, toPicPrincipal, type PicActor } from './pic_actor';
import { createPocketIc } from './pocket_ic';

export type LedgerService = PicActor<_SERVICE>;

/** A clock that starts at a round number. */
const START_MS = Date.UTC(2026, 0, 1);

const NO_PEERS = { token_icrc1: [], rewards: [], state_machine: [], hub: [], compute_gateway: [] };

const NO_INIT = {
    profile: [],
    rewards: [],
    public: [],
    minting_account: [],
    initial_balances: [],
    transfer_fee: [],
    decimals: [],
    token_symbol: [],
    token_name: [],
    max_memo_length: [],
    metadata: [],
    fee_collector_account: [],
    archive_options: [],
    feature_flags: [],
    index_principal: [],
    peers: [],
    governance: []
};

const NO_CHANGE = {
    transfer_fee: [],
    token_symbol: [],
    token_name: [],
    max_memo_length: [],
    metadata: [],
    change_fee_collector: [],
    change_archive_options: [],
    feature_flags: [],
    index_principal: [],
    peers: []
};

/** A principal of its own for each name, the same in every run. */
export function named(name: string): Principal {
    return Principal.selfAuthenticating(sha256(new TextEncoder().encode(name)));
}

/** `(opt variant { Init })` with the given fields. */
export function initArgument(fields: object): Uint8Array {
    return encodeArgument([{ Init: { ...NO_INIT, ...fields } }]);
}

/** `(opt variant { Upgrade })` with the given fields. */
export function upgradeArgument(fields: object): Uint8Array {
    return encodeArgument([{ Upgrade: [{ ...NO_CHANGE, ...fields }] }]);
}

/** `(null)` */
export const NO_ARGUMENT = encodeArgument([]);

function encodeArgument(value: unknown): Uint8Array {
    return new Uint8Array(IDL.encode(init({ IDL }), [value]));
}

export class SingleLedger {
    private constructor(
        readonly pic: PocketIc,
        readonly id: Principal,
        readonly controller: Principal,
        private readonly wasm: Uint8Array
    ) {}

    /** Installs the built ledger; its controller is `named('controller')`. */
    static async install(arg = NO_ARGUMENT): Promise<SingleLedger> {
        const pic = await createPocketIc();
        await pic.setTime(START_MS);
        const [build] = await buildCanisters(['token_icrc1']);
        const wasm = await readFile(build?.wasmGzPath ?? '');
        const controller = named('controller');
        const sender = toPicPrincipal(controller);
        const canisterId = await pic.createCanister({ sender, controllers: [sender] });
        const ledger = new SingleLedger(pic, fromPicPrincipal(canisterId), controller, wasm);
        await ledger.installCode(arg).catch(async (refused: unknown) => {
            await pic.tearDown();
            throw refused;
        });
        return ledger;
    }

    as(caller: Principal): LedgerService {
        return picActor<_SERVICE>(this.pic, idlFactory, this.id, caller);
    }

    async upgrade(arg = NO_ARGUMENT): Promise<void> {
        const { wasm, controller, id } = this;
        await this.pic.upgradeCanister({
            canisterId: toPicPrincipal(id),
            wasm,
            arg,
            sender: toPicPrincipal(controller),
            upgradeModeOptions: BY_FORCE
        });
    }

    /** Names the rewards canister, which lets the profile's supply be minted. */
    async nameRewards(rewards: Principal, caller = this.controller): Promise<unknown> {
        return this.as(caller).set_peers({ ...NO_PEERS, rewards: [rewards] } as never);
    }

    async nowNs(): Promise<bigint> {
        return BigInt(Math.floor(await this.pic.getTime())) * 1_000_000n;
    }

    close(): Promise<void> {
        return this.pic.tearDown();
    }

    private async installCode(arg: Uint8Array): Promise<void> {
        const sender = toPicPrincipal(this.controller);
        await this.pic.installCode({ canisterId: toPicPrincipal(this.id), wasm: this.wasm, arg, sender });
    }
}
