import { agreedAnswer, readOutcallAnswers } from '../../../src/replica/pocketic/outcall_answers';
import { readInstanceConfig } from '../../../src/replica/pocketic/instance_config';
import { Body } from '../../../src/replica/pocketic/json';
import type { HttpOutcall } from '../../../src/replica/state/api';

const outcall: HttpOutcall = {
    id: 7n,
    canisterId: new Uint8Array(10),
    url: 'https://example.org',
    method: 'GET',
    headers: [],
    body: new Uint8Array(),
    maxResponseBytes: 1000n
};

/** One answer for each letter. */
function answers(letters: string): ReturnType<typeof readOutcallAnswers> {
    const all = [...letters].map((letter) => ({ CanisterHttpReply: { status: 200, headers: [], body: btoa(letter) } }));
    return readOutcallAnswers(new Body({ response: all[0], additional_responses: all.slice(1) }));
}

test("outcalls: the answer of more than two thirds of the nodes is the network's, otherwise there is none", () => {
    expect(agreedAnswer(outcall, answers('a'))).toMatchObject({ kind: 'reply', body: Buffer.from('a') });
    expect(agreedAnswer(outcall, answers('aaaaaaaaabbbb'))).toMatchObject({ kind: 'reply', body: Buffer.from('a') });
    expect(agreedAnswer(outcall, answers('aaaaaaaabbbbc'))).toMatchObject({
        kind: 'reject',
        rejectCode: 2,
        message: expect.stringMatching(
            /^No consensus could be reached\. Replicas had different responses\. Details: request_id: 7, hashes: (\[[0-9a-f]{64}: (8|4|1)\](, )?){3}$/
        )
    });
});

test('threshold keys: those of the subnets that are there', () => {
    const keys = (subnets: object): readonly string[] =>
        readInstanceConfig({ subnet_config_set: { application: [{}], ...subnets } }).session.thresholdKeys ?? [];
    expect(keys({})).toEqual([]);
    expect([...keys({ test_threshold_keys: {} })].sort()).toEqual(['dfx_test_key', 'test_key_1']);
    expect([...keys({ ii: {} })].sort()).toEqual(['dfx_test_key', 'key_1', 'test_key_1']);
});
