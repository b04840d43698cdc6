/** A target that may be asked now: with its key, and the permission to probe if it needs one. */
import type { ModelConfig, ProviderKey } from '../../../shared/config.ts';
import type { ActiveRequest } from '../active-request.ts';
import type { Candidate } from './candidate.ts';
import { chooseKey } from './keys.ts';

export interface TargetChoice extends Candidate {
  readonly kind: 'target';
  /** Permission to probe; the caller must use it or release it. Null: no lease is needed. */
  readonly lease: number | null;
  readonly key: ProviderKey;
  /** Whether it takes the place of the last attempt, whose key has begun to cool down. */
  readonly takesOver: boolean;
}

/** A candidate that may be asked, with one of these keys. Null if all of them cool down; its lease is then released. */
export function withKey(
  request: ActiveRequest,
  model: ModelConfig,
  candidate: Candidate,
  keys: readonly ProviderKey[],
  { lease = null, takesOver = false }: { readonly lease?: number | null; readonly takesOver?: boolean } = free,
): TargetChoice | null {
  const { index, target, provider } = candidate;
  const key = chooseKey(request, model, keys, target);
  if (key !== null) return { kind: 'target', index, target, provider, lease, key, takesOver };
  if (lease !== null) request.plane.gate.release(target, lease);
  return null;
}

const free = {};

/** Releases the lease of a chosen target that will not be asked. */
export function releaseLease(request: ActiveRequest, { lease, target }: TargetChoice): void {
  if (lease !== null) request.plane.gate.release(target, lease);
}
