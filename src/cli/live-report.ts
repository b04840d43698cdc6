/** What the live check has found, and in which words. Pure. */
import type { LiveCause } from './live-failure.ts';

/** What became of a target, or of a provider that has none to ask. */
export interface CheckedTarget {
  readonly provider: string;
  /** The model's name at the provider; null: nothing of this provider can be asked. */
  readonly model: string | null;
  /** The name of the key, where the provider has several; else null. */
  readonly key: string | null;
  /** Host and port, or the path of a socket. */
  readonly address: string;
  readonly outcome: 'answers' | 'fails' | 'skipped';
  /** Why it fails, in a word; null where it does not. */
  readonly cause: LiveCause | null;
  /** Of the provider's answer; null where there is none, or 200. */
  readonly status: number | null;
  /** Why it fails or was skipped; null where it answers. */
  readonly message: string | null;
  /** What to do where it fails, else null. */
  readonly cure: string | null;
  readonly milliseconds: number | null;
}

/** The result in a line. */
export function targetLine({
  provider,
  model,
  key,
  address,
  outcome,
  message,
  cure,
  milliseconds,
}: CheckedTarget): string {
  const what = `${provider}${model === null ? '' : `/${model}`}${key === null ? '' : `, key ${key}`}`;
  switch (outcome) {
    case 'answers':
      return `  ${what}: answers (${milliseconds} ms)`;
    case 'skipped':
      return `  ${what}: skipped, since ${message}`;
    case 'fails':
      return `  ${what} at ${address}: fails: ${message}; ${cure}`;
    default:
      return outcome satisfies never;
  }
}
