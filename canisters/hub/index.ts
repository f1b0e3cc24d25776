import { Accounts } from './api/accounts';
import { Admin } from './api/admin';
import { Ingress } from './api/ingress';
import { Keys } from './api/keys';
import { Lifecycle } from './api/lifecycle';
import { MarketPlace } from './api/market';
import { ProbeDesk } from './api/probes';
import { Requests } from './api/requests';
import { SettingsDesk } from './api/settings';
import { Windows } from './api/windows';

export default [Lifecycle, Ingress, Keys, Accounts, Requests, Windows, MarketPlace, ProbeDesk, SettingsDesk, Admin];
