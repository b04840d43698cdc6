/** An event of a gateway as a line of text. Pure. */
import type { LiveAnswer } from '../live-answer.ts';
import { circuitName } from '../status-lines.ts';

/** Without its time. */
export function eventLine(event: Exclude<LiveAnswer, { readonly type: 'status' }>): string {
  switch (event.type) {
    case 'rates': {
      const shares = Object.entries(event.providers).map(([provider, { requests, errors }]) => {
        return `${provider} ${requests}${errors === 0 ? '' : ` (${errors} failed)`}`;
      });
      return [`${event.requestsPerSecond} requests/s, ${event.errorsPerSecond} errors/s`, ...shares].join(', ');
    }
    case 'circuit':
      return `the circuit of ${circuitName(event.provider, event.model ?? null)} is ${event.state}`;
    case 'worker':
      return `worker ${event.slot} (pid ${event.pid}) is ${event.state}`;
    default:
      return event satisfies never;
  }
}
