/** Headers that the configuration has for a provider, beside those of a request. Pure. */

type Headers = Readonly<Record<string, string>>;

/** Lists of names, to which both sides may add. */
const lists = ['anthropic-beta', 'openai-beta'] as const;

/**
 * The headers of a request with the configured ones, which go before those of the same name: a client does not choose whose
 * account is billed. Lists are added up, the configuration's first, each name once.
 *
 * @param configured by names in lower case; undefined for none
 */
export function withConfigured(sent: Headers, configured: Headers | undefined): Headers {
  if (configured === undefined) return sent;
  const all: Record<string, string> = { ...sent, ...configured };
  for (const name of lists) {
    const [own, asked] = [configured[name], sent[name]];
    if (own !== undefined && asked !== undefined) all[name] = joined(own, asked);
  }
  return all;
}

function joined(...texts: readonly string[]): string {
  const names = texts.flatMap((text) => text.split(',')).map((name) => name.trim());
  return [...new Set(names.filter((name) => name !== ''))].join(',');
}
