/** ICRC-21: what wallets show before their users sign a call of the ICP ledger. */
import { Actor, HttpAgent } from '@dfinity/agent';
import { IDL } from '@dfinity/candid';
import { Ed25519KeyIdentity } from '@dfinity/identity';
import { Principal } from '@dfinity/principal';
import { startNetwork, type RunningNetwork } from '../../../src/replica/index';
import { toHex } from '../../../src/replica/wire/bytes';
import { interfaceOf, officialInterface } from './support/interfaces';
import {
    approvalFor,
    account,
    call,
    icpLedger,
    identifierOf,
    newerIcpLedger,
    other,
    transferTo,
    type Methods
} from './support/ledgers';

let network: RunningNetwork;
let user: Principal;
let newIcp: Methods;

beforeAll(async () => {
    network = await startNetwork({ port: 0 });
    const identity = Ed25519KeyIdentity.generate();
    user = identity.getPrincipal();
    const agent = await HttpAgent.create({ host: network.url, identity, shouldFetchRootKey: true });
    newIcp = Actor.createActor(interfaceOf(newerIcpLedger), { agent, canisterId: icpLedger }) as Methods;
});
afterAll(() => network.close());

/** The argument's bytes, as a wallet has them. */
function encoded(method: string, argument: object): Uint8Array {
    const service = officialInterface('nns_icp_ledger')({ IDL });
    const [, signature] = service._fields.find(([name]) => name === method) ?? [];
    return new Uint8Array(IDL.encode(signature?.argTypes ?? [], [argument]));
}

function consent(method: string, arg: Uint8Array, spec: object = {}): Promise<unknown> {
    const metadata = { language: 'de', utc_offset_minutes: [] };
    return call(newIcp, 'icrc21_canister_call_consent_message', {
        method,
        arg,
        user_preferences: { metadata, device_spec: [], ...spec }
    });
}

const shown = (message: unknown): unknown => ({ Ok: { consent_message: message, metadata: expect.anything() } });

test('consent: a transfer in the words of the ICP ledger', async () => {
    const memo = [new TextEncoder().encode('rent')];
    const transfer = encoded('icrc1_transfer', transferTo(other, 150_000_001n, { memo }));
    expect(await consent('icrc1_transfer', transfer)).toEqual({
        Ok: {
            consent_message: {
                GenericDisplayMessage: [
                    '# Send Internet Computer',
                    'You are approving a transfer of funds from your account.',
                    `**From:**\n\`${user.toText()}\``,
                    '**Amount:** `1.50000001 ICP`',
                    `**To:**\n\`${other.toText()}\``,
                    '**Fees:** `0.0001 ICP`\nCharged for processing the transfer.',
                    '**Memo:**\n`rent`'
                ].join('\n\n')
            },
            metadata: { language: 'en', utc_offset_minutes: [] }
        }
    });
});

test('consent: an approval, in the time of the user, and as fields', async () => {
    const terms = { expires_at: [1_700_000_000_000_000_000n], expected_allowance: [5n * 10n ** 8n] };
    const approval = encoded('icrc2_approve', approvalFor(other, 10n ** 9n, terms));
    const metadata = { language: 'en', utc_offset_minutes: [-90] };
    const text = JSON.stringify(await consent('icrc2_approve', approval, { metadata }));
    expect(text).toContain('# Approve spending');
    expect(text).toContain('**Requested allowance:** `10 ICP`');
    expect(text).toContain('**Existing allowance:** `5 ICP`');
    expect(text).toContain('Tue, 14 Nov 2023 20:43:20 -0130');
    const amount = (number: bigint): object => ({ TokenAmount: { decimals: 8, amount: number, symbol: 'ICP' } });
    const content = (text: string): object => ({ Text: { content: text } });
    expect(await consent('icrc2_approve', approval, { device_spec: [{ FieldsDisplay: null }] })).toEqual(
        shown({
            FieldsDisplayMessage: {
                intent: 'Approve spending',
                fields: [
                    ['From', content(user.toText())],
                    ['Approve to spender', content(other.toText())],
                    ['Requested allowance', amount(10n ** 9n)],
                    ['Existing allowance', amount(5n * 10n ** 8n)],
                    ['Approval expiration', { TimestampSeconds: { amount: 1_700_000_000n } }],
                    ['Approval fees', amount(10_000n)],
                    ['Fees paid by', content(user.toText())]
                ]
            }
        })
    );
});

test('consent: transfers by account identifier and by spenders; nothing else, and no wrong fees', async () => {
    const legacy = {
        to: identifierOf(other),
        memo: 9n,
        amount: { e8s: 5n },
        fee: { e8s: 10_000n },
        from_subaccount: [],
        created_at_time: []
    };
    const text = JSON.stringify(await consent('transfer', encoded('transfer', legacy)));
    expect(text).toContain(`**To:**\\n\`${toHex(identifierOf(other))}\``);
    expect(text).toContain('**Amount:** `0.00000005 ICP`');
    expect(text).toContain('**Memo:**\\n`9`');
    const spent = { ...transferTo(other, 1n), from: account(other), spender_subaccount: [] };
    const spending = JSON.stringify(await consent('icrc2_transfer_from', encoded('icrc2_transfer_from', spent)));
    expect(spending).toContain('# Spend Internet Computer');
    expect(spending).toContain(`**Spender:**\\n\`${user.toText()}\``);

    const unsupported = (text: RegExp): object => ({
        Err: { UnsupportedCanisterCall: { description: expect.stringMatching(text) } }
    });
    const wrongFee = encoded('icrc1_transfer', transferTo(other, 1n, { fee: [1n] }));
    expect(await consent('icrc1_transfer', wrongFee)).toEqual(
        unsupported(/^The fee specified in the arguments \(1\) is different than the ledger fee \(10_000\)$/)
    );
    expect(await consent('icrc1_transfer', new Uint8Array(501))).toEqual(unsupported(/maximum allowed size is 500/));
    expect(await consent('icrc1_transfer', new Uint8Array(3))).toEqual(unsupported(/^Failed to decode TransferArg/));
    expect(await consent('burn_everything', new Uint8Array())).toEqual(unsupported(/not supported: burn_everything/));
});
