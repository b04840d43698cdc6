/**
 * The names of a provider's keys. Events, cooldowns and metrics speak of keys by these alone; the keys themselves are in
 * the configuration only.
 */

/** The name of a provider's only key where the configuration gives it none (`api_key`), and of no key at all. */
export const DEFAULT_KEY = 'default';
