import { query } from '../../../src/azle/endpoint';
import { weightSnapshot } from '../domain/snapshot';
import { registry, tables } from '../wiring';
import { SnapshotArgs, SnapshotPage } from './idl';
import { toSnapshotPage } from './mappers';

/** What other canisters read. */
export class Weights {
    /** Hub: class, E and eligibility of the nodes as of a window's end, at most 500 a page. */
    @query([SnapshotArgs], SnapshotPage)
    c2c_weight_snapshot(args: SnapshotArgs): SnapshotPage {
        const { at_ns, start, take } = args;
        return toSnapshotPage(weightSnapshot(registry, tables.config.get(), at_ns, start, take));
    }
}
