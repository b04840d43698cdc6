/**
 * Fetched credentials as the primary keeps them and hands them to its workers: secrets, in messages of their own, and in no
 * configuration, so that a refresh is no change of a provider.
 */
export interface HeldCredentials {
  /** Tells apart what is fetched: a digest of its kind and settings. Providers may share one. */
  readonly identity: string;
  /** From 1; each fetch that brings other values adds 1. */
  readonly version: number;
  /** By names that their kind gives. */
  readonly values: Readonly<Record<string, string>>;
  /** Since 1970; null: they do not end, or nobody knows when. */
  readonly expiresAtMs: number | null;
  /** Since 1970: when they were last got, with these values or others. */
  readonly fetchedAtMs: number;
}
