import { Books } from './api/books';
import { Claims } from './api/claims';
import { Lifecycle } from './api/lifecycle';
import { Rounds } from './api/rounds';
import { Stakes } from './api/stakes';

export default [Lifecycle, Rounds, Stakes, Claims, Books];
