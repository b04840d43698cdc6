/**
 * Which target of a level a session keeps to: the one with the highest rank (rendezvous hashing by weight). Nothing is
 * stored, so all workers and hosts agree. A target that leaves takes its own sessions away and moves no others; one that
 * comes takes its share from all.
 */
import { hash } from 'node:crypto';
import type { ProviderKey, TargetConfig } from './config.ts';

/** Bytes of the hash that are read. */
const READ_BYTES = 6;
const VALUES = 2 ** (8 * READ_BYTES);

/** The rank of a target for a session, above 0: over many sessions, each is first with the share of its weight. */
export function sessionRank(
  key: string,
  { provider, model, weight }: Pick<TargetConfig, 'provider' | 'model' | 'weight'>,
): number {
  return rank([provider, model, key], weight);
}

/** The rank of one of a provider's keys for a session, above 0. It is the same for all models: so is what an account keeps. */
export function keyRank(
  session: string,
  provider: string,
  { name, weight }: Pick<ProviderKey, 'name' | 'weight'>,
): number {
  return rank([provider, 'key', name, session], weight);
}

function rank(names: readonly string[], weight: number): number {
  const digest = hash('sha256', JSON.stringify(names), 'buffer');
  // Never 0 and never 1, so that its logarithm is finite and not 0.
  const uniform = (digest.readUIntBE(0, READ_BYTES) + 0.5) / VALUES;
  return -weight / Math.log(uniform);
}
