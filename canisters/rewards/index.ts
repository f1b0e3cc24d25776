import { Books } from './api/books';
import { Claims } from './api/claims';
import { Lifecycle } from './api/lifecycle';
import { Rounds } from './api/rounds';
import { Slashing } from './api/slashing';
import { Stakes } from './api/stakes';

export default [Lifecycle, Rounds, Stakes, Slashing, Claims, Books];
