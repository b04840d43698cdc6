/** A gateway's status as tests make it up: that it is well, has no traffic, and where it listens. */
import { well } from '../../src/primary/verdict/verdict.ts';

export const wellStatus = {
  hostname: 'host-1',
  timeZone: 'UTC',
  listeners: { gateway: { host: '127.0.0.1', port: 8080 }, admin: { host: '127.0.0.1', port: 9464 } },
  verdict: well,
  traffic: { windowSeconds: 60, models: [], targets: [], providers: [], attempts: [] },
};
