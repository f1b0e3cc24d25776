import { peersFromEnvironment, peersFromSettings } from '../../../src/core/peers';

const LEDGER = 'ryjl3-tyaaa-aaaaa-aaaba-cai';
const HUB = 'um5iw-rqaaa-aaaaq-qaaba-cai';

test('dfx: ids come from the build environment, malformed and empty ones are left out', () => {
    const peers = peersFromEnvironment({
        CANISTER_ID_TOKEN_ICRC1: LEDGER,
        CANISTER_ID_HUB: 'no id',
        CANISTER_ID_REWARDS: ''
    });
    expect(peers.token_icrc1?.toText()).toBe(LEDGER);
    expect(Object.keys(peers)).toEqual(['token_icrc1']);
});

test('icp: ids come from the canister settings, other variables are ignored', () => {
    const peers = peersFromSettings([
        { name: 'PUBLIC_CANISTER_ID:hub', value: HUB },
        { name: 'PUBLIC_CANISTER_ID:frontend', value: LEDGER },
        { name: 'hub', value: LEDGER }
    ]);
    expect(peers.hub?.toText()).toBe(HUB);
    expect(Object.keys(peers)).toEqual(['hub']);
});
