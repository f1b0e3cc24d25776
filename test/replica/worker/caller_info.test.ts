/** Attributes that a canister-signature identity sends reach the canister, in each context that may read them, and nobody it calls. */
import { Session } from '../../../src/replica/worker/session';
import type { AuthenticRequest } from '../../../src/replica/wire/authenticate';
import type { CanisterRequest } from '../../../src/replica/wire/envelope';
import { assemble, bob, replied, TestNetwork } from '../ic/support/network';

const telling = `(module
    (import "ic0" "msg_caller_info_data_size" (func $data_size (result i32)))
    (import "ic0" "msg_caller_info_data_copy" (func $data (param i32 i32 i32)))
    (import "ic0" "msg_caller_info_signer_size" (func $signer_size (result i32)))
    (import "ic0" "msg_caller_info_signer_copy" (func $signer (param i32 i32 i32)))
    (import "ic0" "msg_arg_data_size" (func $arg_size (result i32)))
    (import "ic0" "msg_arg_data_copy" (func $arg (param i32 i32 i32)))
    (import "ic0" "canister_self_size" (func $self_size (result i32)))
    (import "ic0" "canister_self_copy" (func $self (param i32 i32 i32)))
    (import "ic0" "msg_reply_data_append" (func $append (param i32 i32)))
    (import "ic0" "msg_reply" (func $reply))
    (import "ic0" "accept_message" (func $accept))
    (import "ic0" "call_new" (func $call_new (param i32 i32 i32 i32 i32 i32 i32 i32)))
    (import "ic0" "call_perform" (func $call_perform (result i32)))
    (memory 1) (data (i32.const 16) "who") (data (i32.const 24) "()")
    (table funcref (elem $after))
    (func $tell
        (call $data (i32.const 64) (i32.const 0) (call $data_size))
        (call $append (i32.const 64) (call $data_size))
        (call $signer (i32.const 64) (i32.const 0) (call $signer_size))
        (call $append (i32.const 64) (call $signer_size)) (call $reply))
    (func $after (param i32)
        (call $append (i32.const 24) (i32.const 1))
        (call $arg (i32.const 64) (i32.const 0) (call $arg_size)) (call $append (i32.const 64) (call $arg_size))
        (call $append (i32.const 25) (i32.const 1)) (call $tell))
    (func $relay
        (call $self (i32.const 64) (i32.const 0) (call $self_size))
        (call $call_new (i32.const 64) (call $self_size) (i32.const 16) (i32.const 3)
            (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
        (drop (call $call_perform)))
    (export "canister_query who" (func $tell))
    (export "canister_update relay" (func $relay))
    (func (export "canister_inspect_message") (if (call $data_size) (then (call $accept)))))`;

test('attributes: queries, inspections, updates and their callbacks read them; a canister has none', async () => {
    const session = new Session({ live: false, seed: new Uint8Array(32), skipsValidation: true });
    const network = new TestNetwork(session.core.ic);
    const canister = network.deploy(await assemble(telling));
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
