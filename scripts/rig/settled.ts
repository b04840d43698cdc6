/** Waiting until a gateway has exactly the workers that it is configured to have. */
import type { Status } from '../../src/primary/admin/status.ts';
import { eventually } from '../processes/eventually.ts';

/** Waits until `count` workers are ready and there are no others. Resolves with them. */
export function settled(
  gateway: { status(): Promise<Status> },
  count: number,
  withinMs?: number,
): Promise<Status['workers']> {
  return eventually(
    `${count} workers are ready, and no others`,
    async () => {
      const { workers } = await gateway.status();
      return workers.length === count && workers.every(({ state }) => state === 'ready') && workers;
    },
    withinMs,
  );
}
