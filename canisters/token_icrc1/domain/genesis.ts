import type { Principal } from '@dfinity/principal';
import { accountField, sameAccount, type Account } from '../../../src/core/account';
import { codecOf, record, text, variant, type Codec } from '../../../src/core/codec';
import { err, ok, type Result } from '../../../src/core/result';
import type { Cell } from '../../../src/core/table';
import { purseAccount } from '../../../src/core/tokenomics/pools';
import type { TokenomicsProfile } from '../../../src/core/tokenomics/profile';
import { allocated, profileById } from '../../../src/core/tokenomics/profiles';
import type { Ledger } from './ledger';
import { MAX_AMOUNT } from './transaction';

/** Tokens that exist from the beginning, by the account that gets them. */
export interface Grant {
    readonly to: Account;
    readonly amount: bigint;
}

/** Where the supply comes from: named accounts, or a profile whose pools belong to the rewards canister. */
export type GenesisPlan =
    | { readonly kind: 'balances'; readonly grants: readonly Grant[] }
    | { readonly kind: 'profile'; readonly profileId: string; readonly publicAccount: Account };

/** Why a supply cannot be minted as planned; nothing is minted then. */
export type GenesisProblem =
    | { readonly kind: 'unknown_profile'; readonly profileId: string }
    | { readonly kind: 'allocation_mismatch'; readonly allocated: bigint; readonly supply: bigint }
    | { readonly kind: 'grant_to_minter' }
    | { readonly kind: 'grant_too_large' };

/** A profile's supply waits until the rewards canister is known; then it is minted once and for ever. */
export type GenesisState =
    | { readonly kind: 'none' }
    | { readonly kind: 'pending'; readonly profileId: string; readonly publicAccount: Account }
    | { readonly kind: 'done' };

/** Stored form of the state of genesis. */
export const genesisCodec: Codec<GenesisState> = codecOf(
    variant<GenesisState>({
        none: record({}),
        pending: record({ profileId: text, publicAccount: accountField }),
        done: record({})
    })
);

/** Every allocation of a profile: `public` to its account, each other pool to its purse of the rewards canister. */
export function profileGrants(
    profile: TokenomicsProfile,
    publicAccount: Account,
    rewards: Principal
): Result<readonly Grant[], GenesisProblem> {
    const sum = allocated(profile);
    if (sum !== profile.totalSupplyE8s) {
        return err({ kind: 'allocation_mismatch', allocated: sum, supply: profile.totalSupplyE8s });
    }
    return ok(
        profile.allocations.map(({ pool, amountE8s }) => ({
            to: pool === 'public' ? publicAccount : purseAccount(rewards, pool),
            amount: amountE8s
        }))
    );
}

/** The only minting besides the minting account's: the initial supply, exactly once (T2). */
export class Genesis {
    constructor(
        private readonly state: Cell<GenesisState>,
        private readonly ledger: Ledger
    ) {}

    isDone(): boolean {
        return this.state.get().kind === 'done';
    }

    /** Called once, at installation. Named balances are minted at once, a profile's by {@link settle}. */
    plan(plan: GenesisPlan, minter: Account, nowNs: bigint): Result<void, GenesisProblem> {
        if (plan.kind === 'balances') return this.mint(plan.grants, minter, nowNs);
        if (profileById(plan.profileId) === undefined) {
            return err({ kind: 'unknown_profile', profileId: plan.profileId });
        }
        if (sameAccount(plan.publicAccount, minter)) return err({ kind: 'grant_to_minter' });
        this.state.set({ kind: 'pending', profileId: plan.profileId, publicAccount: plan.publicAccount });
        return ok(undefined);
    }

    /** Mints what is pending as soon as the rewards canister is known; does nothing otherwise. */
    settle(rewards: Principal | undefined, minter: Account, nowNs: bigint): Result<void, GenesisProblem> {
        const state = this.state.get();
        if (state.kind !== 'pending' || rewards === undefined) return ok(undefined);
        const profile = profileById(state.profileId);
        if (profile === undefined) return err({ kind: 'unknown_profile', profileId: state.profileId });
        const grants = profileGrants(profile, state.publicAccount, rewards);
        return grants.ok ? this.mint(grants.value, minter, nowNs) : grants;
    }

    private mint(grants: readonly Grant[], minter: Account, nowNs: bigint): Result<void, GenesisProblem> {
        const sum = grants.reduce((total, grant) => total + grant.amount, 0n);
        if (sum > MAX_AMOUNT) return err({ kind: 'grant_too_large' });
        if (grants.some((grant) => sameAccount(grant.to, minter))) return err({ kind: 'grant_to_minter' });
        for (const { to, amount } of grants) this.ledger.grant(to, amount, nowNs);
        this.state.set({ kind: 'done' });
        return ok(undefined);
    }
}
