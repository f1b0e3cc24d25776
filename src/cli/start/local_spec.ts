import { specV1 } from '../../core/poc/spec';

/** Version 1 for one machine that is everything at once: windows of a second, and one core is worth about E = 1. */
export const LOCAL_SPEC = specV1({
    dimension: 256,
    rows: { XS: 256, S: 1_024, L: 4_096, XL: 16_384 },
    windowMs: 1_000n,
    slackMs: 1_000n,
    commitWithinMs: 10_000n,
    samples: 16,
    newcomerSamples: 16,
    standardWork: 1n << 34n
});
