import { Lifecycle } from './api/lifecycle';
import { Nodes } from './api/nodes';
import { Pocs } from './api/pocs';
import { Staking } from './api/staking';
import { WalletBinding } from './api/wallets';
import { Weights } from './api/weights';

export default [Lifecycle, Nodes, WalletBinding, Staking, Pocs, Weights];
