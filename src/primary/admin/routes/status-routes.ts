/** The state of the gateway now, and as it changes. */
import type { Express } from 'express';
import type { AdminActions } from '../admin-actions.ts';
import { refuse } from '../refuse.ts';

/**
 * A watcher with more unread bytes than these, beside a whole status (1 MB with thousands of models), is disconnected, so that
 * it does not fill the primary's memory.
 */
const MAX_UNREAD_BYTES = 256 * 1024;

/** A watcher with more unread bytes gets no news that the next second replaces. */
const BEHIND_BYTES = 64 * 1024;

/** Such news that a watcher may miss in a row, two a second, while it reads what it got before. */
const MOST_MISSED = 120;

/** Most watchers of live events. They stay for hours, and must leave connections for scrapes. */
const MOST_WATCHERS = 32;

/** Adds `/api/status` and `/api/events`. */
export function addStatusRoutes(app: Express, actions: AdminActions): void {
  app.get('/api/status', (_request, response) => {
    response.json(actions.status());
  });

  let watchers = 0;
  app.get('/api/events', (request, response) => {
    const isWatcher = request.method !== 'HEAD';
    if (isWatcher && watchers === MOST_WATCHERS)
      return refuse(response, 503, `there are ${MOST_WATCHERS} watchers already`);
    response.setHeader('content-type', 'text/event-stream; charset=utf-8');
    // A proxy such as nginx else holds events back until its buffer is full.
    response.setHeader('x-accel-buffering', 'no');
    // Events have no end: a head would keep its connection, and the place of a watcher.
    if (!isWatcher) return response.end();
    watchers += 1;
    response.write(': live\n\n');
    let allowedBytes = MAX_UNREAD_BYTES;
    let missed = 0;
    const unsubscribe = actions.watch((frame, isRenewed) => {
      const unread = response.writableLength;
      const isBehind = unread > BEHIND_BYTES;
      if (!isBehind) missed = 0;
      else if (isRenewed) missed += 1;
      if (unread > allowedBytes || missed > MOST_MISSED) response.destroy();
      else if (!(isBehind && isRenewed)) {
        allowedBytes = Math.max(allowedBytes, MAX_UNREAD_BYTES + frame.length);
        response.write(frame);
      }
    });
    response.on('close', () => {
      watchers -= 1;
      unsubscribe();
    });
  });
}
