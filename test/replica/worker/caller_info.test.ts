/** Attributes that a canister-signature identity sends reach the canister, in each context that may read them, and nobody it calls. */
import { Session } from '../../../src/replica/worker/session';
import type { AuthenticRequest } from '../../../src/replica/wire/authenticate';
import type { CanisterRequest } from '../../../src/replica/wire/envelope';
import { tellingWat } from '../ic/support/caller_info_wat';
import { assemble, bob, replied, TestNetwork } from '../ic/support/network';

test('attributes: queries, inspections, updates and their callbacks read them; a canister has none', async () => {
    const session = new Session({ live: false, seed: new Uint8Array(32), skipsValidation: true });
    const network = new TestNetwork(session.core.ic);
    const canister = network.deploy(await assemble(tellingWat));
    const content = { sender: bob, canisterId: canister, argument: new Uint8Array(), ingressExpiryNs: 2n ** 63n };
    const senderInfo = { info: Buffer.from('admin'), signer: Uint8Array.of(7, 1, 1), signature: new Uint8Array() };
    const requestOf = (type: 'call' | 'query', methodName: string, id: number): AuthenticRequest<CanisterRequest> => ({
        content: { ...content, type, methodName, requestId: new Uint8Array(32).fill(id), senderInfo }
    });
    const expected = Buffer.from('admin\x07\x01\x01', 'latin1').toString('hex');

    const answer = await session.query(requestOf('query', 'who', 1), canister);
    expect(Buffer.from(answer.body).toString('hex')).toContain(expected);

    const relay = requestOf('call', 'relay', 2);
    expect((await session.call(relay, canister, 'sync')).status).toBe(200);
    const reply = Buffer.from(replied(session.core.ic.ingressStatus(relay.content.requestId)));
    expect(reply.toString('latin1')).toBe('()admin\x07\x01\x01');

    const { senderInfo: _none, ...plain } = relay.content;
    const refused = { content: { ...plain, requestId: new Uint8Array(32).fill(3) } };
    await session.call(refused, canister, 'sync');
    expect(session.core.ic.ingressStatus(refused.content.requestId)).toEqual({ kind: 'unknown' });
    session.close();
});
