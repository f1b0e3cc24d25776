import type { AuthenticRequest } from './authenticate';
import { equalBytes } from './bytes';
import { anonymousPrincipal } from './der';
import { refuse, type Refusal } from './refusal';

/** How far in the future a request's expiry may lie: five minutes, and a minute for clocks that differ. */
export const maxIngressTtlNs = 360_000_000_000n;

/** Whether the request and its delegations are in their time; the refusal otherwise. */
export function checkTimes(request: AuthenticRequest, nowNs: bigint): Refusal | undefined {
    const { content, delegationExpiryNs } = request;
    if (delegationExpiryNs !== undefined && delegationExpiryNs < nowNs) {
        const times = `Provided expiry: ${delegationExpiryNs}, current time: ${nowNs}`;
        return refuse('invalid_delegation', `Invalid delegation expiry: the delegation has expired. ${times}`);
    }
    if (content.type !== 'call' && equalBytes(content.sender, anonymousPrincipal)) {
        return undefined;
    }
    const latest = nowNs + maxIngressTtlNs;
    if (content.ingressExpiryNs >= nowNs && content.ingressExpiryNs <= latest) {
        return undefined;
    }
    const range = `Minimum allowed expiry: ${timeText(nowNs)}, Maximum allowed expiry: ${timeText(latest)}`;
    const text = `Specified ingress_expiry not within expected range: ${range}, Provided expiry: ${timeText(content.ingressExpiryNs)}`;
    return refuse('invalid_expiry', `Invalid request expiry: ${text}`);
}

/** RFC 3339 with nanoseconds. */
function timeText(nanoseconds: bigint): string {
    const ms = Number(nanoseconds / 1_000_000n);
    const date = new Date(ms);
    if (Number.isNaN(date.getTime())) {
        return `${nanoseconds} ns`;
    }
    const fraction = String(nanoseconds % 1_000_000_000n).padStart(9, '0');
    return `${date.toISOString().slice(0, 19)}.${fraction}Z`;
}
