/** A ledger with a history, alone on a local network: ours, or another one that LEDGER_WASM names. */
import { IDL } from '@dfinity/candid';
import type { Principal } from '@dfinity/principal';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { buildCanisters } from '../../scripts/lib/canister_build';
import { workFolder } from '../../scripts/lib/project';
import { hashSources } from '../../scripts/lib/source_hash';
import { idlFactory, type _SERVICE } from '../../src/declarations/token_icrc1';
import { accepted } from '../lib/answers';
import { LocalNetwork, type LocalCall } from '../lib/local_network';
import { account, transferArg } from '../lib/money';
import { officialInit } from './official_init';
import { loads, rowLoader } from './row_loader';
import { historyRows, holder, type HistorySize } from './rows';

/** The environment variable that names another ICRC-1 ledger's module, gzipped or not. */
export const OTHER_LEDGER = 'LEDGER_WASM';

type Method = keyof _SERVICE & string;

const methods = new Map(idlFactory({ IDL })._fields);
const NO_ARGUMENTS = new Uint8Array(IDL.encode([], []));
/** Calls that are sent into one round while a history is made call by call. */
const TOGETHER = 250;
/** Balances that an init argument of 2 MiB holds with room to spare. */
const MOST_INITIAL = 20_000;
const GRANT = 10n ** 12n;

export class LoadedLedger {
    private constructor(
        readonly network: LocalNetwork,
        readonly id: Principal,
        readonly size: HistorySize,
        private readonly wasm: Uint8Array
    ) {}

    /**
     * Our ledger as it is deployed. Its history is written into its stable memory by another canister's code, because three
     * hundred thousand calls would take an hour; then the ledger is installed over it, as an upgrade.
     */
    static async ours(size: HistorySize): Promise<LoadedLedger> {
        const [build] = await buildCanisters(['token_icrc1']);
        const network = new LocalNetwork();
        const id = network.create();
        const wasm = build === undefined ? new Uint8Array() : new Uint8Array(await readFile(build.wasmGzPath));
        network.install(id, wasm, officialInit(account(network.deployer), []));
        network.upgrade(id, await rowLoader(), NO_ARGUMENTS);
        await loadHistory(network, id, size);
        network.upgrade(id, wasm, NO_UPGRADE);
        network.advance(1);
        return new LoadedLedger(network, id, size, wasm);
    }

    /** Any ledger that takes the official one's init argument; its history is made by calls. */
    static async other(path: string, size: HistorySize): Promise<LoadedLedger> {
        const network = new LocalNetwork();
        const id = network.create();
        const initial = Array.from({ length: Math.min(size.accounts, MOST_INITIAL) }, (_, index) => holder(index));
        const wasm = new Uint8Array(await readFile(path));
        network.install(id, wasm, officialInit(account(network.deployer), initial));
        const ledger = new LoadedLedger(network, id, size, wasm);
        ledger.payHolders(initial.length);
        return ledger;
    }

    /** The minting account gives those something who got nothing at installation. */
    private payHolders(from: number): void {
        for (let next = from; next < this.size.accounts; next += TOGETHER) {
            const count = Math.min(TOGETHER, this.size.accounts - next);
            const calls = Array.from({ length: count }, (_, i) => transferArg(account(holder(next + i)), GRANT));
            this.network.updateTogether(
                calls.map((arg) => this.message('icrc1_transfer', [arg], this.network.deployer))
            );
        }
    }

    /** A call as it is sent. */
    message(method: Method, args: readonly unknown[], from: Principal): LocalCall {
        const type = methods.get(method);
        const argument = new Uint8Array(IDL.encode(type?.argTypes ?? [], [...args]));
        return { to: this.id, method, argument, from };
    }

    /** @throws when a reply says `Err`. */
    accept(method: string, reply: Uint8Array): void {
        const [value] = IDL.decode(methods.get(method)?.retTypes ?? [], reply);
        accepted(value as unknown as { Ok: unknown } | { Err: unknown });
    }

    /** Instructions of an upgrade to the same code. */
    upgradeInstructions(): number {
        return this.network.instructionsOf(() => this.network.upgrade(this.id, this.wasm, NO_UPGRADE));
    }
}

/** Loading takes minutes, so that the loaded memory is kept: until the ledger's or the loader's sources change. */
async function loadHistory(network: LocalNetwork, id: Principal, size: HistorySize): Promise<void> {
    const version = await hashSources([
        'canisters/token_icrc1',
        'src/core',
        'bench/ledger/rows.ts',
        'bench/ledger/row_loader.ts'
    ]);
    const kept = workFolder('bench', `ledger-${size.accounts}-${size.blocks}-${version.slice(0, 16)}.stable`);
    if (existsSync(kept)) {
        network.setStableMemory(id, new Uint8Array(await readFile(kept)));
        return;
    }
    const founder = { owner: network.deployer };
    for (const argument of loads(historyRows(size, { ledger: id, founder, nowNs: network.nowNs() }))) {
        network.update({ to: id, method: 'load', argument, from: network.deployer });
    }
    await mkdir(workFolder('bench'), { recursive: true });
    await writeFile(kept, network.stableMemory(id));
}

const NO_UPGRADE = new Uint8Array(IDL.encode([IDL.Opt(IDL.Variant({ Upgrade: IDL.Opt(IDL.Record({})) }))], [[]]));
