import { certifiedDataSet, dataCertificate, inReplicatedExecution } from 'azle';

/** Certifies 32 bytes from the next state on. Not possible in a query. */
export function certify(digest: Uint8Array): void {
    certifiedDataSet(digest);
}

/** The certificate of what {@link certify} was given last; only a query has one. */
export function certificate(): Uint8Array | undefined {
    return inReplicatedExecution() ? undefined : dataCertificate();
}
