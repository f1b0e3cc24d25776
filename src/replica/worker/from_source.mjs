/** Entry of a thread where its bundle could not be written: slower to start, the same code. The argument says which thread. */
import { register } from 'tsx/esm/api';

register();
await import(process.argv[2] ?? './worker_main.ts');
