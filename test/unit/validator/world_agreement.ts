/** The agreement as a validator's agent sees it, over the canister's own rules in memory. */
import type { Principal } from '@dfinity/principal';
import { headDigest, type CertifiedHead } from '../../../src/core/consensus/state_hash';
import { checkWitness } from '../../../src/core/consensus/state_proof';
import type { Result } from '../../../src/core/result';
import type { AgreementPort, ProposalInfo } from '../../../src/validator/agreement/ports';
import type { Refused } from '../../../src/validator/ports';
import type { KnownProposal } from '../../../canisters/state_machine/domain/agreement';
import { payloadItems } from '../../../canisters/state_machine/domain/draft';
import { votersIn } from '../../../canisters/state_machine/domain/votes';
import type { World } from '../state_machine/world';

const NS_PER_MS = 1_000_000n;

const refused = (result: Result<unknown, { readonly kind: string }>): Refused | undefined =>
    result.ok ? undefined : { code: result.error.kind };

/** What one agent sees. `worldOf` is asked for every message, so that a test may upgrade the canister in between. */
export function worldAgreement(worldOf: () => World, own: Principal): AgreementPort {
    const isOwn = (who: Principal): boolean => who.compareTo(own) === 'eq';
    const toInfo = (state: KnownProposal): ProposalInfo => {
        const members = worldOf().validators.membersOf(state.setVersion);
        const voters = [...votersIn(members, state.yes), ...votersIn(members, state.no)];
        return {
            height: state.height,
            round: state.round,
            hash: state.hash,
            parentHash: state.parentHash,
            itemCount: state.itemCount,
            hasMyVote: voters.some(isOwn),
            finalMs: state.finalNs === 0n ? undefined : Number(state.finalNs / NS_PER_MS)
        };
    };
    const head = (): CertifiedHead => worldOf().rules.commitments.head();
    return {
        verifiedHead: async () => head(),
        async turn() {
            const { rules, now, tables } = worldOf();
            const turn = rules.agreement.turnAt(now);
            if (turn === undefined) return undefined;
            const proposal = rules.agreement.find(turn, now);
            const [pocResults, taskDigests, trades] = rules.agreement.tip().cursors;
            const last = rules.agreement.stateAt(turn.height - 1n);
            return {
                height: turn.height,
                round: turn.round,
                isMine: isOwn(turn.proposer),
                parentHash: rules.agreement.tip().parentHash,
                lastFinalMs: last && Number(last.finalNs / NS_PER_MS),
                nextRefs: { pocResults, taskDigests, trades },
                pocResults: tables.pocResults.length(),
                proposal: proposal && toInfo(proposal)
            };
        },
        async items(height) {
            const { tables, rules } = worldOf();
            const payload = tables.payloads.get(height);
            return payload === undefined ? [] : payloadItems(payload, rules.agreement.itemCount(height));
        },
        async states(from, take) {
            const { agreement } = worldOf().rules;
            const states: ProposalInfo[] = [];
            for (let height = from; height < from + take; height++) {
                const state = agreement.stateAt(height);
                if (state !== undefined) states.push(toInfo(state));
            }
            return states;
        },
        async pocOutcomes(start, take) {
            const { items } = worldOf().rules.challenges.book.resultPage(start, take);
            return items.map((poc) => ({
                id: poc.id,
                node: poc.node.toUint8Array(),
                passed: poc.state === 'Passed',
                eValueE8: poc.eValueE8 ?? 0n,
                finalAtNs: poc.finalAtNs ?? 0n
            }));
        },
        propose: async (draft) => refused(worldOf().rules.agreement.propose(own, draft, worldOf().now)),
        vote: async ({ height, round, hash }, yes) =>
            refused(worldOf().rules.agreement.vote(own, { height, round, hash, yes }, worldOf().now)),
        async place() {
            const members = worldOf().validators.members();
            const position = members.findIndex(isOwn);
            return position < 0 ? undefined : { position, members: members.length };
        },
        async recentCommitments() {
            const { commitments } = worldOf().rules;
            const known = Array.from({ length: Number(commitments.count()) }, (_, i) => commitments.find(BigInt(i))!);
            return {
                nextFrom: commitments.nextFrom(),
                commitments: known.map((commitment) => ({
                    index: commitment.index,
                    from: commitment.from,
                    to: commitment.to,
                    root: commitment.root,
                    isOpen: commitment.status === 'Submitted',
                    hasMyVerdict: [...commitment.confirmedBy, ...commitment.rejectedBy].some(isOwn)
                }))
            };
        },
        submit: async (range) => refused(worldOf().rules.commitments.submit(own, range, worldOf().now)),
        async verifyState(height) {
            const witness = worldOf().rules.proofs.witness({ kind: 'State', height });
            if (!witness.ok) return { kind: 'unknown', code: witness.error.kind };
            const proven = checkWitness(witness.value, headDigest(head()));
            if (!proven.ok) return { kind: 'disproved', code: proven.error };
            return { kind: 'proven', stateHash: proven.value.stateHash };
        },
        attestCommitment: async (index, ok) =>
            refused(worldOf().rules.commitments.attest(own, { index, ok }, worldOf().now))
    };
}
