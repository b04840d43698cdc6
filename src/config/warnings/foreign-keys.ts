/**
 * Warns of a key that is another provider's by its beginning, which providers give out alike and publish: all requests would
 * be refused. Of a provider's own address only, since what stands elsewhere may take any key. Pure; shows no more of a key.
 */
import type { Config } from '../../shared/config.ts';
import type { PlacedSecret } from '../schema/secret-paths.ts';
import { formatPath } from '../source/faults.ts';
import { isAtHome } from './at-home.ts';
import type { Concern } from './warning.ts';

/** The beginning, and the types whose keys begin so. */
const beginnings: readonly (readonly [string, readonly string[]])[] = [
  ['sk-ant-', ['anthropic']],
  ['sk-proj-', ['openai']],
  ['sk-svcacct-', ['openai']],
  ['sk-or-', ['openrouter']],
  ['gsk_', ['groq']],
  ['xai-', ['xai']],
  ['pplx-', ['perplexity']],
  ['AIzaSy', ['gemini', 'vertex']],
];

/** One concern for each such key. */
export function foreignKeys({ providers }: Config, secrets: readonly PlacedSecret[]): Concern[] {
  return secrets.flatMap(({ path, value }) => {
    const [block, name = ''] = path;
    const provider = block === 'providers' ? providers[name] : undefined;
    const found = beginnings.find(([beginning]) => value.startsWith(beginning));
    if (provider === undefined || found === undefined) return [];
    const [beginning, types] = found;
    if (types.includes(provider.type) || !isAtHome(provider)) return [];
    const whose = types.join(' or ');
    const message = `${formatPath(path)} begins with ${beginning}, as keys of ${whose} do, but ${name} is of type ${provider.type}, which would refuse it: give it a key of its own, or set its type to ${whose}`;
    return [{ path, message }];
  });
}
