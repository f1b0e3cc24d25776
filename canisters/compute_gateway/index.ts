import { Admin } from './api/admin';
import { Apps } from './api/apps';
import { Groups } from './api/groups';
import { Ingress } from './api/ingress';
import { Jobs } from './api/jobs';
import { Lifecycle } from './api/lifecycle';
import { Nodes } from './api/nodes';
import { Sessions } from './api/sessions';

export default [Lifecycle, Ingress, Admin, Apps, Jobs, Groups, Nodes, Sessions];
