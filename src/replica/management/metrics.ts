/** What a canister has spent its cycles on, and which canisters there are. */
import { nat, principal, record, vec } from '../candid/codecs';
import { notController } from '../state/failures';
import { sameId } from '../state/principals';
import { subnetById, subnetOf } from '../state/subnet';
import { mayView } from '../state/settings';
import { done, existing, failed, method } from './call';
import { canisterArgument } from './types';

const metricsResult = record({
    cycles_consumed: record({
        memory: nat,
        compute_allocation: nat,
        ingress_induction: nat,
        instructions: nat,
        request_and_response_transmission: nat,
        uninstall: nat,
        canister_creation: nat,
        http_outcalls: nat,
        burned_cycles: nat
    })
});

/** `canister_metrics`: who may see the canister's status; also a query. */
export const canisterMetrics = method({
    ingress: 'viewers',
    query: true,
    argument: canisterArgument,
    result: metricsResult,
    target: (argument) => argument.canister_id,
    run: (call, { canister_id }) => {
        const found = existing(call.network, canister_id);
        if (!found.ok) return failed(found.error);
        const { settings, consumed, id } = found.canister;
        const visible =
            sameId(call.caller, id) || mayView(settings.statusVisibility, settings.controllers, call.caller);
        if (!visible) return failed(notController(found.canister, call.caller));
        return done({
            cycles_consumed: {
                memory: consumed.memory,
                compute_allocation: consumed.computeAllocation,
                ingress_induction: consumed.ingress,
                instructions: consumed.instructions,
                request_and_response_transmission: consumed.transmission,
                uninstall: consumed.uninstall,
                canister_creation: consumed.creation,
                http_outcalls: consumed.httpOutcalls,
                burned_cycles: consumed.burned
            }
        });
    }
});

const range = record({ start: principal, end: principal });

/** `list_canisters` of the subnet that is asked: a query. The real network answers subnet administrators only; here everybody is one. */
export const listCanisters = method({
    ingress: 'never',
    query: true,
    argument: record({}),
    result: record({ canisters: vec(range) }),
    run: ({ network, subnetId = network.subnetId }) => {
        const subnet = subnetById(network, subnetId);
        const all = [...network.canisters.values()].map(({ id }) => id);
        const ids = all.filter((id) => subnetOf(network, id) === subnet).sort(Buffer.compare);
        return done({ canisters: ids.map((id) => ({ start: id, end: id })) });
    }
});
