import { Admin } from './api/admin';
import { Apps } from './api/apps';
import { Groups } from './api/groups';
import { Ingress } from './api/ingress';
import { Jobs } from './api/jobs';
import { Lifecycle } from './api/lifecycle';
import { Nodes } from './api/nodes';
import { Icrc37 } from './api/icrc37';
import { Icrc7 } from './api/icrc7';
import { Sessions } from './api/sessions';
import { Sockets } from './api/sockets';

export default [Lifecycle, Ingress, Admin, Apps, Jobs, Groups, Nodes, Sessions, Sockets, Icrc7, Icrc37];
