import { Admin } from './api/admin';
import { History } from './api/history';
import { Icrc1 } from './api/icrc1';
import { Icrc2 } from './api/icrc2';
import { Lifecycle } from './api/lifecycle';

export default [Lifecycle, Icrc1, Icrc2, History, Admin];
