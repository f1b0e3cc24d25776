/** Candid form of the rules by which a round's emission is shared: rewards publishes them, the hub weighs by them. */
import { IDL } from 'azle';
import type { WeightRules } from '../core/tokenomics/profile';

export const Ratio = IDL.Record({ num: IDL.Nat, den: IDL.Nat });
export interface Ratio {
    num: bigint;
    den: bigint;
}

const PerStake = IDL.Record({ e: IDL.Nat, per_stake_e8s: IDL.Nat });
interface PerStake {
    e: bigint;
    per_stake_e8s: bigint;
}

export const Weights = IDL.Variant({
    EUnit: IDL.Record({
        ref_ms: IDL.Nat,
        min_ms: IDL.Nat,
        validator: PerStake,
        router: PerStake,
        term_coefficients: IDL.Vec(IDL.Record({ days: IDL.Nat64, coefficient: Ratio }))
    }),
    CreditStake: IDL.Record({ validator: IDL.Nat, router: IDL.Nat, compute: IDL.Nat }),
    HubCredits: IDL.Record({ times_stake: IDL.Bool })
});
export type Weights =
    | {
          EUnit: {
              ref_ms: bigint;
              min_ms: bigint;
              validator: PerStake;
              router: PerStake;
              term_coefficients: { days: bigint; coefficient: Ratio }[];
          };
      }
    | { CreditStake: { validator: bigint; router: bigint; compute: bigint } }
    | { HubCredits: { times_stake: boolean } };

export function toWeights(rules: WeightRules): Weights {
    switch (rules.kind) {
        case 'credit_stake': {
            const { validator, router, compute } = rules;
            return { CreditStake: { validator, router, compute } };
        }
        case 'hub_credits':
            return { HubCredits: { times_stake: rules.timesStake } };
        case 'e_unit':
            return {
                EUnit: {
                    ref_ms: rules.refMs,
                    min_ms: rules.minMs,
                    validator: toPerStake(rules.validator),
                    router: toPerStake(rules.router),
                    term_coefficients: rules.termCoefficients.map(({ days, coefficient }) => ({ days, coefficient }))
                }
            };
    }
}

export function fromWeights(candid: Weights): WeightRules {
    if ('CreditStake' in candid) return { kind: 'credit_stake', ...candid.CreditStake };
    if ('HubCredits' in candid) return { kind: 'hub_credits', timesStake: candid.HubCredits.times_stake };
    const { ref_ms, min_ms, validator, router, term_coefficients } = candid.EUnit;
    return {
        kind: 'e_unit',
        refMs: ref_ms,
        minMs: min_ms,
        validator: { e: validator.e, perStakeE8s: validator.per_stake_e8s },
        router: { e: router.e, perStakeE8s: router.per_stake_e8s },
        termCoefficients: term_coefficients
    };
}

function toPerStake({ e, perStakeE8s }: { readonly e: bigint; readonly perStakeE8s: bigint }): PerStake {
    return { e, per_stake_e8s: perStakeE8s };
}
