import { StateLog } from './api/agreement';
import { Cases } from './api/cases';
import { StateCommitments } from './api/commitments';
import { Ingress } from './api/ingress';
import { Lifecycle } from './api/lifecycle';
import { Nodes } from './api/nodes';
import { Pocs } from './api/pocs';
import { ComputePools } from './api/pools';
import { Staking } from './api/staking';
import { WalletBinding } from './api/wallets';
import { Weights } from './api/weights';

export default [
    Lifecycle,
    Ingress,
    Nodes,
    WalletBinding,
    Staking,
    Pocs,
    StateLog,
    StateCommitments,
    Cases,
    ComputePools,
    Weights
];
