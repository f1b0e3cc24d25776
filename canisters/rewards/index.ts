import { Books } from './api/books';
import { Claims } from './api/claims';
import { Lifecycle } from './api/lifecycle';
import { Rounds } from './api/rounds';
import { Slashing } from './api/slashing';
import { StagedRoundsDesk } from './api/staged_rounds';
import { Stakes } from './api/stakes';

export default [Lifecycle, Rounds, StagedRoundsDesk, Stakes, Slashing, Claims, Books];
