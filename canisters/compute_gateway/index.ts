import { Admin } from './api/admin';
import { Apps } from './api/apps';
import { Jobs } from './api/jobs';
import { Lifecycle } from './api/lifecycle';
import { Nodes } from './api/nodes';

export default [Lifecycle, Admin, Apps, Jobs, Nodes];
