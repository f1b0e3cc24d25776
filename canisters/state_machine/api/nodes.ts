import { IDL } from 'azle';
import type { Principal } from '@dfinity/principal';
import { azleEnv } from '../../../src/azle/azle_env';
import { query, SERVED_WHILE_PAUSED, update } from '../../../src/azle/endpoint';
import { PAGE_LIMIT } from '../../../src/core/page';
import type { Result } from '../../../src/core/result';
import type { StateError } from '../domain/errors';
import { isOnline, reportStatus } from '../domain/presence';
import type { KnownNode } from '../domain/records';
import { pushSoon } from '../jobs/push_facts';
import { registry, tables } from '../wiring';
import { answerType, nothing, toAnswer, type Answer } from './errors';
import { signedCaller } from './guards';
import { NodePage, NodeView, RegisterArgs, StatusReportArgs, type Opt } from './idl';
import { fromRegisterArgs, fromStatusReport, toNodePage, toNodeView, toOpt } from './mappers';

const RegisterAnswer = answerType(
    NodeView,
    'Anonymous',
    'InvalidKey',
    'AlreadyExists',
    'Removed',
    'RateLimited',
    'BandwidthTooLow',
    'InvalidArgument'
);
const ReportAnswer = answerType(IDL.Null, 'Anonymous', 'NotFound', 'Removed', 'RateLimited', 'InvalidArgument');

/** The registry of nodes and what they report. */
export class Nodes {
    /**
     * Holder of the key: registers it as a node. The caller must be the key's self-authenticating principal. While a
     * thousand newcomers wait to become Active, it takes the place of one that has done less, or is `RateLimited`.
     */
    @update([RegisterArgs], RegisterAnswer)
    register_node(args: RegisterArgs): Answer<NodeView> {
        const caller = signedCaller();
        if (!caller.ok) return answerNode(caller);
        const registered = registry.register(caller.value, fromRegisterArgs(args), azleEnv.nowNs());
        if (registered.ok) pushSoon();
        return answerNode(registered);
    }

    /** Node: reports its own state. Only canister time counts. */
    @update([StatusReportArgs], ReportAnswer, SERVED_WHILE_PAUSED)
    report_status(args: StatusReportArgs): Answer<null> {
        const caller = signedCaller();
        if (!caller.ok) return toAnswer(caller, nothing);
        const report = fromStatusReport(args);
        const reported = reportStatus(registry, tables.config.get(), caller.value, report, azleEnv.nowNs());
        return toAnswer(reported, nothing);
    }

    @query([IDL.Principal], IDL.Opt(NodeView))
    get_node(node: Principal): Opt<NodeView> {
        return viewOf(node);
    }

    /** Answers the first 100 in their order; a node that is not known is `null`. */
    @query([IDL.Vec(IDL.Principal)], IDL.Vec(IDL.Opt(NodeView)))
    get_nodes(nodes: Principal[]): Opt<NodeView>[] {
        return nodes.slice(0, Number(PAGE_LIMIT)).map(viewOf);
    }

    /** Nodes in the order in which they first were Active or staked, then newcomers, at most 100; `next` is where to go on. */
    @query([IDL.Nat64, IDL.Nat64], NodePage)
    list_nodes(start: bigint, take: bigint): NodePage {
        return toNodePage(
            registry.page(start, take, () => true),
            nodeViewNow()
        );
    }

    /** The online ones among a page of nodes; a page may be empty although more follow: go on while there is a `next`. */
    @query([IDL.Nat64, IDL.Nat64], NodePage)
    list_online_nodes(start: bigint, take: bigint): NodePage {
        const config = tables.config.get();
        const nowNs = azleEnv.nowNs();
        const page = registry.page(start, take, (node) => isOnline(config, node.presence, nowNs));
        return toNodePage(page, nodeViewNow());
    }
}

/** How a node is shown in this message. */
export function nodeViewNow(): (node: KnownNode) => NodeView {
    return toNodeView(tables.config.get(), (node) => registry.profile(node), azleEnv.nowNs());
}

/** Answers with the node as it stands after the message. */
export function answerNode(result: Result<KnownNode, StateError>): Answer<NodeView> {
    return toAnswer(result, nodeViewNow());
}

function viewOf(id: Principal): Opt<NodeView> {
    const node = registry.find(id);
    return toOpt(node && nodeViewNow()(node));
}
