import { Admin } from './api/admin';
import { ArchiveAdmin } from './api/archive_admin';
import { History } from './api/history';
import { Icrc1 } from './api/icrc1';
import { Icrc107 } from './api/icrc107';
import { Icrc21 } from './api/icrc21';
import { Icrc2 } from './api/icrc2';
import { Icrc3 } from './api/icrc3';
import { Index } from './api/icrc106';
import { IngressGate } from './api/ingress';
import { Lifecycle } from './api/lifecycle';

export default [Lifecycle, IngressGate, Icrc1, Icrc2, Icrc3, History, Index, Icrc107, Icrc21, ArchiveAdmin, Admin];
