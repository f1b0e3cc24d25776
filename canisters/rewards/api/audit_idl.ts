/** Candid types of an audit that is read page by page. */
import { IDL } from 'azle';
import { AUDIT_SUMS, noSums, type AuditSums } from '../domain/audit/audit_sums';
import type { AuditCursor as Cursor, AuditPage as Page } from '../domain/audit/audit';

/** Give it back as it came. `sums` follow the order of domain/audit_sums.ts. */
export const AuditCursor = IDL.Record({
    section: IDL.Nat64,
    index: IDL.Nat64,
    inner: IDL.Nat64,
    sums: IDL.Vec(IDL.Nat),
    fingerprint: IDL.Nat
});
export interface AuditCursor {
    section: bigint;
    index: bigint;
    inner: bigint;
    sums: bigint[];
    fingerprint: bigint;
}

export const AuditPage = IDL.Record({
    /** Rows that this page has read. */
    rows: IDL.Nat64,
    /** Empty until the last page. */
    checks: IDL.Vec(IDL.Record({ rule: IDL.Text, holds: IDL.Bool, detail: IDL.Text })),
    next: IDL.Opt(AuditCursor)
});
export interface AuditPage {
    rows: bigint;
    checks: { rule: string; holds: boolean; detail: string }[];
    next: [] | [AuditCursor];
}

/** Undefined for a cursor that no audit gave out. */
export function fromAuditCursor({ section, index, inner, sums, fingerprint }: AuditCursor): Cursor | undefined {
    if (sums.length !== AUDIT_SUMS.length) return undefined;
    const named: AuditSums = noSums();
    AUDIT_SUMS.forEach((name, i) => (named[name] = sums[i] ?? 0n));
    return { position: { section, index, inner }, sums: named, fingerprint };
}

export function toAuditPage({ rows, checks, next }: Page): AuditPage {
    if (next === undefined) return { rows, checks: [...checks], next: [] };
    const { position, sums, fingerprint } = next;
    return { rows, checks: [], next: [{ ...position, sums: AUDIT_SUMS.map((name) => sums[name]), fingerprint }] };
}
