/** Canister history: who changed a canister's code or controllers, and when (interface specification, `canister_info`). */

export type ChangeOrigin =
    | { readonly kind: 'user'; readonly userId: Uint8Array }
    | { readonly kind: 'canister'; readonly canisterId: Uint8Array; readonly canisterVersion?: bigint };

/** What changed. */
export type ChangeDetails =
    | { readonly kind: 'creation'; readonly controllers: readonly Uint8Array[] }
    | { readonly kind: 'code_uninstall' }
    | {
          readonly kind: 'code_deployment';
          readonly mode: 'install' | 'reinstall' | 'upgrade';
          readonly moduleHash: Uint8Array;
      }
    | {
          readonly kind: 'load_snapshot';
          readonly canisterVersion: bigint;
          readonly snapshotId: Uint8Array;
          readonly takenAtNs: bigint;
      }
    | { readonly kind: 'controllers_change'; readonly controllers: readonly Uint8Array[] };

/** One entry of the history. */
export interface Change {
    readonly timestampNs: bigint;
    readonly canisterVersion: bigint;
    readonly origin: ChangeOrigin;
    readonly details: ChangeDetails;
}

/** The specification guarantees the most recent 20 changes. */
const keptChanges = 20;

/** The last changes, and the count of all. */
export class CanisterHistory {
    private changes: Change[] = [];
    private count = 0n;

    add(change: Change): void {
        this.changes.push(change);
        this.count += 1n;
        if (this.changes.length > keptChanges) this.changes.shift();
    }

    /** The known changes of a canister that is restored, and the count of all. */
    restore(changes: readonly Change[], total: bigint): void {
        this.changes = [...changes];
        this.count = total;
    }

    /** All changes ever, forgotten ones included. */
    get total(): bigint {
        return this.count;
    }

    /** Changes that are still known. */
    get length(): number {
        return this.changes.length;
    }

    /** The last `wanted` changes, oldest of them first. */
    recent(wanted: number): readonly Change[] {
        return wanted <= 0 ? [] : this.changes.slice(-wanted);
    }
}
