/** A canister could not be asked: the network or the replica failed. An update call may have been executed all the same. */
export class PortUnavailable extends Error {
    constructor(
        readonly operation: string,
        override readonly cause: unknown
    ) {
        super(`${operation} failed`);
        this.name = 'PortUnavailable';
    }
}

/** Runs a canister call; whatever the agent throws means that the canister could not be asked. */
export async function asked<T>(operation: string, call: () => Promise<T>): Promise<T> {
    try {
        return await call();
    } catch (cause) {
        throw new PortUnavailable(operation, cause);
    }
}
