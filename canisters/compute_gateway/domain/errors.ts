import type { Lack } from './lacks';

/** Every refusal of this canister, with its data. Each method can give some of them; `api/answers.ts` says which. */
export type GatewayError =
    | { readonly kind: 'Anonymous' }
    | { readonly kind: 'Unauthorized' }
    | { readonly kind: 'NotFound' }
    | { readonly kind: 'AlreadyExists' }
    | { readonly kind: 'InvalidArgument'; readonly reason: string }
    /** A peer is unknown or did not answer; nothing was lost, ask again. */
    | { readonly kind: 'TemporarilyUnavailable'; readonly reason: string }
    | { readonly kind: 'AppNotFound' }
    | { readonly kind: 'PayloadTooLarge'; readonly maxBytes: bigint }
    | { readonly kind: 'InsufficientCredits'; readonly available: bigint }
    | { readonly kind: 'KeyNotFound' }
    | { readonly kind: 'KeyRevoked' }
    /** The same idempotency key came before with another payload: for that job. */
    | { readonly kind: 'IdempotencyConflict'; readonly jobId: bigint }
    /** A queue is at its bound. */
    | {
          readonly kind: 'Busy';
          readonly retryAfterMs: bigint;
          /** Jobs of the app that wait. */
          readonly queueLength: bigint;
          /** How long a job that is submitted now would wait, as far as the latest ones tell. */
          readonly estimatedWaitMs: bigint;
      }
    /** The payer's key may not be used for this app. */
    | { readonly kind: 'AppNotAllowed' }
    /** A rate is used up: of the payer's key, or of receipts whose signatures a node may have verified. */
    | { readonly kind: 'RateLimited'; readonly retryAfterMs: bigint }
    /** The payer's key has nearly spent what it may. */
    | { readonly kind: 'KeyLimitReached'; readonly leftCredits: bigint }
    /** One unit costs more than the caller is ready to pay. */
    | { readonly kind: 'PriceTooHigh'; readonly unitPriceCredits: bigint }
    | { readonly kind: 'NotCancellable' }
    /** No node that suits can take a session now. */
    | { readonly kind: 'NoNodeAvailable' }
    | { readonly kind: 'SessionEnded' }
    /** The socket is for another app. */
    | { readonly kind: 'AppMismatch' }
    /** The socket has no unit left. */
    | { readonly kind: 'Exhausted' }
    /** A receipt that says less than the one that is settled, or as much of something else. */
    | { readonly kind: 'StaleReceipt' }
    /** The job has not failed, was tried once more already, or its input is not kept any more. */
    | { readonly kind: 'NotRedrivable' }
    | { readonly kind: 'NodeInactive' }
    /** The app asks for more than the node has, for another region, or for the model in another form. */
    | { readonly kind: 'RequirementsNotMet'; readonly appId: string; readonly lacks: Lack }
    /** The node has no wallet that could be paid. */
    | { readonly kind: 'NotBound' }
    | { readonly kind: 'NotAttached' }
    | { readonly kind: 'TooManyNodes'; readonly max: bigint }
    | { readonly kind: 'TooManyGateways'; readonly max: bigint }
    | { readonly kind: 'TooManyApps'; readonly max: bigint }
    /** The lease is not this caller's any more: stop working on the job. */
    | { readonly kind: 'StaleLease' }
    /** The job is already completed with another output. */
    | { readonly kind: 'ResultConflict' }
    | { readonly kind: 'UsageTooHigh'; readonly maxUnits: bigint }
    /** The receipt names another model than the app, or a malformed digest. */
    | { readonly kind: 'BadReceipt'; readonly reason: string };

export type ErrorKind = GatewayError['kind'];
export type ErrorOf<Kind extends ErrorKind> = Extract<GatewayError, { readonly kind: Kind }>;
