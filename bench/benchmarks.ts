/** Every benchmark, in the order of the tables. */
import { agreementBenchmarks } from './instructions/agreement';
import { candidBenchmarks } from './instructions/candid';
import { dutyBenchmarks } from './instructions/duties';
import { emptyBenchmarks } from './instructions/empty';
import { ledgerBenchmarks } from './instructions/ledger';
import { marketBenchmarks } from './instructions/market';
import { meteringBenchmarks } from './instructions/metering';
import { pauseBenchmarks } from './instructions/pause';
import { queueBenchmarks } from './instructions/queue';
import { sessionBenchmarks } from './instructions/session';
import { rewardsBenchmarks } from './instructions/rewards';
import { signatureBenchmarks } from './instructions/signature';
import { windowBenchmarks } from './instructions/window';
import type { Benchmark } from './lib/benchmark';
import { pocBenchmarks } from './poc/benchmarks';
import { queueRuleBenchmarks } from './queue_rules/benchmarks';
import { callBenchmarks } from './timings/calls';
import { gatewayBenchmarks } from './timings/gateway';
import { jobBenchmarks } from './timings/jobs';
import { recoveryBenchmarks } from './timings/recovery';
import { startAndInstallBenchmarks } from './timings/start_and_install';

export const BENCHMARKS: readonly Benchmark[] = [
    ...emptyBenchmarks,
    ...meteringBenchmarks,
    ...pauseBenchmarks,
    ...candidBenchmarks,
    ...ledgerBenchmarks,
    ...dutyBenchmarks,
    ...queueBenchmarks,
    ...queueRuleBenchmarks,
    ...marketBenchmarks,
    ...sessionBenchmarks,
    ...rewardsBenchmarks,
    ...windowBenchmarks,
    ...signatureBenchmarks,
    ...agreementBenchmarks,
    ...pocBenchmarks,
    ...startAndInstallBenchmarks,
    ...callBenchmarks,
    ...gatewayBenchmarks,
    ...jobBenchmarks,
    ...recoveryBenchmarks
];
