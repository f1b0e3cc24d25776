/** Bitcoin: this network has no Bitcoin node, and says so. */
import { failed, method, type Method } from './call';
import { reserved } from '../candid/codecs';

const names = [
    'bitcoin_get_balance',
    'bitcoin_get_utxos',
    'bitcoin_get_current_fee_percentiles',
    'bitcoin_get_block_headers',
    'bitcoin_send_transaction'
];

function notOffered(name: string): Method {
    return method({
        ingress: 'never',
        argument: reserved,
        run: () => failed({ code: 'CanisterRejectedMessage', message: `${name} is not offered by this network` })
    });
}

/** Each answers IC0406. */
export const bitcoinMethods: readonly (readonly [name: string, method: Method])[] = names.map((name) => [
    name,
    notOffered(name)
]);
