/** Answers that a test gives to an HTTPS outcall: one for the whole subnet, or one for each of its nodes. */
import type { HttpOutcall, HttpOutcallAnswer } from '../state/api';
import { sha256, toHex, utf8 } from '../wire/bytes';
import { Body, InvalidBodyError } from './json';

/** At least one. Throws InvalidBodyError. */
export function readOutcallAnswers(body: Body): readonly HttpOutcallAnswer[] {
    const additional = body.array('additional_responses').map((item) => new Body(item, 'additional_responses'));
    return [body.object('response'), ...additional].map(readAnswer);
}

function readAnswer(response: Body): HttpOutcallAnswer {
    const reply = response.optionalObject('CanisterHttpReply');
    if (reply !== undefined) {
        return {
            kind: 'reply',
            status: Number(reply.nat('status')),
            headers: reply.array('headers').map(readHeader),
            body: reply.bytes('body')
        };
    }
    const reject = response.optionalObject('CanisterHttpReject');
    if (reject === undefined) {
        throw new InvalidBodyError('response is neither CanisterHttpReply nor CanisterHttpReject');
    }
    return { kind: 'reject', rejectCode: Number(reject.nat('reject_code')), message: reject.text('message') };
}

function readHeader(value: unknown): readonly [string, string] {
    const header = new Body(value, 'header');
    return [header.text('name'), header.text('value')];
}

const sysTransient = 2;

/** What the nodes agree on: more than two thirds of them must have seen the same, or else the canister is told that they have not. */
export function agreedAnswer({ id }: HttpOutcall, answers: readonly HttpOutcallAnswer[]): HttpOutcallAnswer {
    const groups = new Map<string, { readonly answer: HttpOutcallAnswer; count: number }>();
    for (const answer of answers) {
        const hash = hashOf(answer);
        const group = groups.get(hash) ?? { answer, count: 0 };
        group.count += 1;
        groups.set(hash, group);
    }
    const [best] = [...groups.values()].sort((a, b) => b.count - a.count);
    if (best !== undefined && best.count * 3 > answers.length * 2) return best.answer;
    const hashes = [...groups].map(([hash, { count }]) => `[${hash}: ${count}]`).join(', ');
    const message = `No consensus could be reached. Replicas had different responses. Details: request_id: ${id}, hashes: ${hashes}`;
    return { kind: 'reject', rejectCode: sysTransient, message };
}

function hashOf(answer: HttpOutcallAnswer): string {
    const content = answer.kind === 'reject' ? answer : { ...answer, body: toHex(answer.body) };
    return toHex(sha256(utf8(JSON.stringify(content))));
}
