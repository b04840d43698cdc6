/** All targets of the fuzz run. */
import { admin } from './admin.ts';
import { bodies } from './bodies.ts';
import { events } from './events.ts';
import type { FuzzTarget } from './fuzz-target.ts';
import { ipc } from './ipc.ts';
import { requests } from './requests.ts';
import { state } from './state.ts';

export const targets: readonly FuzzTarget[] = [bodies, events, requests, admin, ipc, state];
