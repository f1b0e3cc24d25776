import { query } from '../../../src/azle/endpoint';
import { weightSnapshot } from '../domain/snapshot';
import { challenges, registry, tables } from '../wiring';
import { peerCaller } from './guards';
import { SnapshotArgs, SnapshotPage } from './idl';
import { toSnapshotPage } from './mappers';

/** A stranger called a method whose answer has no arm for a refusal: the call is rejected. */
class Unauthorized extends Error {
    constructor() {
        super('Unauthorized');
        this.name = 'Unauthorized';
    }
}

/** What other canisters read. */
export class Weights {
    /** Hub: class, E and eligibility of the nodes as of a window's end, at most 500 a page. */
    @query([SnapshotArgs], SnapshotPage)
    c2c_weight_snapshot(args: SnapshotArgs): SnapshotPage {
        if (!peerCaller('hub').ok) throw new Unauthorized();
        const { at_ns, start, take } = args;
        const rules = { config: tables.config.get(), suspension: challenges.suspension };
        return toSnapshotPage(weightSnapshot(registry, rules, at_ns, start, take));
    }
}
