import { Append } from './api/append';
import { Blocks } from './api/blocks';
import { Lifecycle } from './api/lifecycle';

export default [Lifecycle, Append, Blocks];
