import { StateLog } from './api/agreement';
import { Cases } from './api/cases';
import { StateCommitments } from './api/commitments';
import { Lifecycle } from './api/lifecycle';
import { Nodes } from './api/nodes';
import { Ingress } from './api/ingress';
import { PocRules } from './api/poc_rules';
import { Pocs } from './api/pocs';
import { ComputePools } from './api/pools';
import { Staking } from './api/staking';
import { WalletBinding } from './api/wallets';
import { Weights } from './api/weights';

export default [
    Lifecycle,
    Nodes,
    WalletBinding,
    Staking,
    Pocs,
    PocRules,
    Ingress,
    StateLog,
    StateCommitments,
    Cases,
    ComputePools,
    Weights
];
