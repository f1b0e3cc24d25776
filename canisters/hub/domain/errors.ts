/** Every refusal of the hub. The kinds are the arms of its Candid variants: stable names that callers may rely on. */
export type HubError =
    | { readonly kind: 'Anonymous' }
    | { readonly kind: 'Unauthorized' }
    | { readonly kind: 'NotFound' }
    | { readonly kind: 'AlreadyExists' }
    | { readonly kind: 'InvalidArgument'; readonly detail: string }
    /** A peer is unknown or did not answer: nothing was lost, ask again. */
    | { readonly kind: 'TemporarilyUnavailable'; readonly detail: string }
    | { readonly kind: 'KeyNotFound' }
    | { readonly kind: 'KeyRevoked' }
    | { readonly kind: 'TooManyKeys'; readonly max: bigint }
    /** What the limits of a key refuse. `left` is what it may still reserve. */
    | { readonly kind: 'AppNotAllowed' }
    | { readonly kind: 'NodeNotAllowed' }
    | { readonly kind: 'RateLimited'; readonly retryAfterS: bigint }
    | { readonly kind: 'KeyLimitReached'; readonly left: bigint }
    | { readonly kind: 'InsufficientCredits'; readonly available: bigint }
    | { readonly kind: 'DuplicateRequest' }
    | { readonly kind: 'AlreadyRecorded' }
    | { readonly kind: 'CreditsExceedReservation' }
    /** A Success without a receipt of its own: it is recorded as Failed and costs nothing. */
    | { readonly kind: 'BadReceipt' }
    | { readonly kind: 'InsufficientAllowance'; readonly allowanceE8s: bigint }
    | { readonly kind: 'InsufficientFunds'; readonly balanceE8s: bigint }
    /** Another movement of money of the same principal is under way. */
    | { readonly kind: 'Busy' }
    | { readonly kind: 'NotEnded'; readonly endsAtNs: bigint }
    | { readonly kind: 'AlreadySettled' }
    | { readonly kind: 'InProgress' }
    /** Windows are settled in order; `expected` is the next one. */
    | { readonly kind: 'WrongWindow'; readonly expected: bigint }
    | { readonly kind: 'NotNodeOwner' }
    | { readonly kind: 'NodeInactive' }
    | { readonly kind: 'ListingClosed' }
    | { readonly kind: 'NotEnoughUnits'; readonly left: bigint }
    | { readonly kind: 'SelfTrade' }
    | { readonly kind: 'NotBuyer' }
    | { readonly kind: 'TooLate' }
    /** The order is not in the state that the method is for. */
    | { readonly kind: 'WrongState'; readonly state: string }
    | { readonly kind: 'NotAValidator' }
    | { readonly kind: 'NotDue'; readonly dueNs: bigint }
    | { readonly kind: 'NotOnline' }
    | { readonly kind: 'AlreadySubmitted' }
    /** A probe's result that no call of the validator's backs. */
    | { readonly kind: 'NotBacked'; readonly detail: string }
    /** The call that a probe names has no result at the hub yet: ask again. */
    | { readonly kind: 'NotRecorded' };

export type ErrorKind = HubError['kind'];

/** The errors of the named kinds: what one function may refuse with. */
export type ErrorOf<Kind extends ErrorKind> = Extract<HubError, { kind: Kind }>;
