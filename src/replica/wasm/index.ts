/** Canister modules: validation, metering, compilation (replica.md b.1, d.1, d.4). */
export { InvalidWasm } from './errors';
export { isIc0Name, type Ic0Name } from './ic0';
export { instrument, type Instrumented, type ModuleLayout } from './instrument';
export type { CanisterMetadata, MetadataSection } from './metadata';
export { loadModule, type LoadedModule, type LoadResult, type ModuleCode } from './module';
export { parseModule, type ParsedModule } from './parse';
export { Reserved } from './reserved';
export { validate } from './validate';
