/** Entry of the worker thread where its bundle could not be written: slower to start, the same code. */
import { register } from 'tsx/esm/api';

register();
await import('./worker_main.ts');
