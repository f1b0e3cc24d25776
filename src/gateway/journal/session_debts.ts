import type { Principal } from '@dfinity/principal';
import { fromHex, toHex } from '../../core/bytes';
import type { SessionReceipt } from '../../core/compute/session_receipt';
import type { SessionPort, SessionRequest } from '../sessions/ports';
import type { JournalEntry } from './entries';
import { reached, type JournalWriter, type Ledger } from './ledger';
import type { OpenSession, SessionJournal } from './journal_port';

type Opening = Extract<JournalEntry, { readonly kind: 'session_opening' }>;
type Owed = Extract<JournalEntry, { readonly kind: 'session_owes' }>;

interface Debt {
    readonly opening: Opening;
    sessionId?: string;
    owed?: Owed;
    /** Since when the canister is to be told of its end; absent while it is in use. */
    dueMs?: number;
    /** Written down as soon as the timer ends. */
    latest?: SessionReceipt;
    timer?: NodeJS.Timeout;
}

/** How far what is written down may lag behind what is signed for. */
const OWES_MS = 1_000;

export interface SessionDebtsParts {
    readonly port: SessionPort;
    /** The canister that keeps the sessions. */
    readonly canister: Principal;
    readonly writer: JournalWriter;
}

/**
 * The end of every session. A gateway that dies takes its sessions' keys along, so that nobody can use them any more: its
 * successor closes them, with what was owed by its last word. A node that has a later receipt may bring it all the same.
 */
export class SessionDebts implements Ledger, SessionJournal {
    private readonly debts = new Map<string, Debt>();

    constructor(private readonly parts: SessionDebtsParts) {}

    get depth(): number {
        return this.due().length;
    }

    get oldestMs(): number | undefined {
        const [oldest] = this.due();
        return oldest?.dueMs;
    }

    async opening({ appId, keyHash, publicKey, maxCredits, ttlS }: SessionRequest): Promise<OpenSession> {
        const { writer } = this.parts;
        const id = toHex(publicKey);
        const terms = { maxCredits: `${maxCredits}`, ttlS: `${ttlS}` };
        await writer.write({ kind: 'session_opening', id, appId, keyHash: toHex(keyHash), ...terms });
        return {
            opened: (sessionId) => writer.writeSoon({ kind: 'session_opened', id, sessionId: `${sessionId}` }),
            refused: () => writer.writeSoon({ kind: 'session_closed', id }),
            unanswered: () => writer.writeSoon({ kind: 'session_closing', id }),
            owes: (receipt) => this.owes(id, receipt),
            close: (owed) => this.close(id, owed)
        };
    }

    takeOver(): void {
        for (const debt of this.debts.values()) debt.dueMs ??= this.parts.writer.nowMs();
    }

    async sendAll(): Promise<boolean> {
        for (const debt of this.due()) if (!(await this.send(debt))) return false;
        return true;
    }

    apply(entry: JournalEntry): void {
        if (entry.kind === 'session_opening') this.debts.set(entry.id, { opening: entry });
        const debt = 'id' in entry ? this.debts.get(entry.id) : undefined;
        if (debt === undefined) return;
        switch (entry.kind) {
            case 'session_opened':
                debt.sessionId = entry.sessionId;
                return;
            case 'session_owes':
                debt.owed = entry;
                return;
            case 'session_closing':
                debt.dueMs ??= this.parts.writer.nowMs();
                return;
            case 'session_closed':
                clearTimeout(debt.timer);
                this.debts.delete(entry.id);
                return;
            default:
        }
    }

    state(): readonly JournalEntry[] {
        return [...this.debts].flatMap(([id, { opening, sessionId, owed, dueMs }]): JournalEntry[] => [
            opening,
            ...(sessionId === undefined ? [] : [{ kind: 'session_opened' as const, id, sessionId }]),
            ...(owed === undefined ? [] : [owed]),
            ...(dueMs === undefined ? [] : [{ kind: 'session_closing' as const, id }])
        ]);
    }

    private due(): readonly Debt[] {
        return [...this.debts.values()].filter(({ dueMs }) => dueMs !== undefined);
    }

    private owes(id: string, receipt: SessionReceipt): void {
        const debt = this.debts.get(id);
        if (debt === undefined || debt.dueMs !== undefined) return;
        debt.latest = receipt;
        debt.timer ??= setTimeout(() => {
            debt.timer = undefined;
            if (debt.latest !== undefined) this.parts.writer.writeSoon(owesEntry(id, debt.latest));
        }, OWES_MS).unref();
    }

    private async close(id: string, owed: SessionReceipt): Promise<void> {
        const { writer } = this.parts;
        const debt = this.debts.get(id);
        if (debt === undefined) return;
        clearTimeout(debt.timer);
        writer.writeSoon(owesEntry(id, owed));
        await writer.write({ kind: 'session_closing', id });
        await this.send(debt);
    }

    private send({ opening, sessionId, owed }: Debt): Promise<boolean> {
        const { port, writer } = this.parts;
        return reached(async () => {
            const id = sessionId === undefined ? await this.idOf(opening) : BigInt(sessionId);
            if (id !== undefined) {
                const told = await port.close(id, owed && this.receiptOf(id, owed));
                // The node has had more settled than was written down here: then that is what it comes to.
                if (!told.ok && told.error === 'StaleReceipt') await port.close(id, undefined);
            }
            await writer.write({ kind: 'session_closed', id: opening.id });
        });
    }

    /** The session that an unanswered request has opened: the same request again tells. */
    private async idOf({ id, appId, keyHash, maxCredits, ttlS }: Opening): Promise<bigint | undefined> {
        const bytes = (hex: string): Uint8Array => fromHex(hex) ?? new Uint8Array();
        const terms = { maxCredits: BigInt(maxCredits), ttlS: BigInt(ttlS) };
        const again = { appId, publicKey: bytes(id), keyHash: bytes(keyHash), ...terms };
        const opened = await this.parts.port.open(again);
        return opened.ok ? opened.value.sessionId : undefined;
    }

    private receiptOf(sessionId: bigint, { calls, units, digest }: Owed): SessionReceipt {
        const gateway = this.parts.canister;
        return { gateway, sessionId, calls, units: BigInt(units), digest: fromHex(digest) ?? new Uint8Array() };
    }
}

function owesEntry(id: string, { calls, units, digest }: SessionReceipt): JournalEntry {
    return { kind: 'session_owes', id, calls, units: `${units}`, digest: toHex(digest) };
}
