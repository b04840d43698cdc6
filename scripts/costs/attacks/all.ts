/** All attacks, in the order of the table. */
import type { Attack } from '../attack.ts';
import { answers } from './answers.ts';
import { bodies, translations } from './bodies.ts';
import { connections } from './connections.ts';

export const attacks: readonly Attack[] = [...connections, ...bodies, ...translations, ...answers];
