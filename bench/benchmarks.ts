/** Every benchmark, in the order of the tables. */
import { emptyBenchmarks } from './instructions/empty';
import { ledgerBenchmarks } from './instructions/ledger';
import type { Benchmark } from './lib/benchmark';

export const BENCHMARKS: readonly Benchmark[] = [...emptyBenchmarks, ...ledgerBenchmarks];
