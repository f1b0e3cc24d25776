import { Airdrops } from './api/airdrops';
import { Books } from './api/books';
import { Claims } from './api/claims';
import { Economy } from './api/economy';
import { Governance } from './api/governance';
import { Holders } from './api/holders';
import { Ingress } from './api/ingress';
import { Lifecycle } from './api/lifecycle';
import { Rounds } from './api/rounds';
import { Slashing } from './api/slashing';
import { StagedRoundsDesk } from './api/staged_rounds';
import { Stakes } from './api/stakes';

export default [
    Lifecycle,
    Ingress,
    Rounds,
    StagedRoundsDesk,
    Stakes,
    Slashing,
    Claims,
    Holders,
    Governance,
    Airdrops,
    Economy,
    Books
];
