/**
 * Starts a cooldown, here at once and for all workers by its event: the primary decides how long it lasts.
 */
import type { TargetConfig } from '../../../shared/config.ts';
import type { CooldownReason } from '../../../shared/events.ts';
import type { ActiveRequest } from '../active-request.ts';

/**
 * A target cools down; with a refused key, all targets of its provider do.
 *
 * @param retryAfterMs what the provider asked for
 */
export function startCooldown(
  { plane }: ActiveRequest,
  { provider, model }: TargetConfig,
  reason: CooldownReason,
  retryAfterMs: number | null,
): void {
  const started = {
    type: 'cooldown-started',
    provider,
    model: reason === 'auth' ? null : model,
    reason,
    retryAfterMs,
  } as const;
  plane.outbox.push(started);
  plane.gate.coolDownLocally(started);
}
