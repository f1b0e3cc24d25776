import { equalBytes } from '../wire/bytes';
import { encodeCertificate, type Delegation } from '../wire/certificate';
import type { HashTree } from '../wire/hash_tree';
import { witness, type Path } from '../wire/witness';

/** Where the certifier takes the tree and the signature from. */
export interface CertifierParts {
    /** Grows with every change of the state. */
    readonly stateVersion: () => number;
    readonly currentTree: () => HashTree;
    /** For subnets other than the root subnet. */
    readonly delegation?: () => Delegation;
    /** 4 ms of BLS arithmetic. */
    readonly signRoot: (rootHash: Uint8Array) => Uint8Array;
}

/** Issues certificates for the current state, with one signature per state. */
export class Certifier {
    readonly #parts: CertifierParts;
    #tree: HashTree | undefined;
    #version = -1;
    #signed: { readonly rootHash: Uint8Array; readonly signature: Uint8Array } | undefined;

    constructor(parts: CertifierParts) {
        this.#parts = parts;
    }

    /** CBOR of a certificate that shows the paths, or proves their absence, and hides the rest. */
    certify(paths: readonly Path[]): Uint8Array {
        const tree = this.#currentTree();
        const delegation = this.#parts.delegation?.();
        const certificate = { tree: witness(tree, paths), signature: this.#signatureOf(tree) };
        return encodeCertificate(delegation === undefined ? certificate : { ...certificate, delegation });
    }

    #currentTree(): HashTree {
        const version = this.#parts.stateVersion();
        if (this.#tree === undefined || this.#version !== version) {
            this.#tree = this.#parts.currentTree();
            this.#version = version;
        }
        return this.#tree;
    }

    #signatureOf(tree: HashTree): Uint8Array {
        const rootHash = tree.digest;
        if (this.#signed === undefined || !equalBytes(this.#signed.rootHash, rootHash)) {
            this.#signed = { rootHash, signature: this.#parts.signRoot(rootHash) };
        }
        return this.#signed.signature;
    }
}
