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
    | { readonly kind: 'InsufficientCredits'; readonly available: bigint }
    | { readonly kind: 'DuplicateRequest' }
    | { readonly kind: 'AlreadyRecorded' }
    | { readonly kind: 'CreditsExceedReservation' }
    | { readonly kind: 'InsufficientAllowance'; readonly allowanceE8s: bigint }
    | { readonly kind: 'InsufficientFunds'; readonly balanceE8s: bigint }
    /** Another purchase of the same principal is under way. */
    | { readonly kind: 'Busy' }
    | { readonly kind: 'NotEnded'; readonly endsAtNs: bigint }
    | { readonly kind: 'AlreadySettled' }
    | { readonly kind: 'InProgress' }
    /** Windows are settled in order; `expected` is the next one. */
    | { readonly kind: 'WrongWindow'; readonly expected: bigint };

export type ErrorKind = HubError['kind'];

/** The errors of the named kinds: what one function may refuse with. */
export type ErrorOf<Kind extends ErrorKind> = Extract<HubError, { kind: Kind }>;
