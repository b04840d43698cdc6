/** The gateway between the clients and the scripted provider: what it calls models, and where they are. */
import type { ConfigInput } from '../rig/gateway-config.ts';
import type { DialectName } from './provider/conversation.ts';

/** The dialects of targets, in the order of the tables. */
export const targets: readonly DialectName[] = ['chat', 'responses', 'messages'];

/** Real names, since clients decide by them what a model can. */
const upstreamNames: Readonly<Record<DialectName, string>> = {
  chat: 'gpt-5.4',
  responses: 'gpt-5.4',
  messages: 'claude-sonnet-4-6',
};

/** The name at the provider of a second target, which is asked where the first one fails. */
export const secondName = (target: DialectName): string => `${upstreamNames[target]}-second`;

/** The gateway's name of the model at a target. @param face the client's dialect */
export function modelAt(face: DialectName, target: DialectName, kind: 'one' | 'two' | 'warm' = 'one'): string {
  return `${upstreamNames[face]}-${kind}-${target}`;
}

/** `one`: a single target; `two`: another one behind it; `warm`: one that is kept warm while it is silent. */
export function gatewayConfig(providerUrl: string): ConfigInput {
  const at = (target: DialectName, place: string) => `${target}-${place}`;
  const provider = (target: DialectName, place: string) => ({
    type: target === 'messages' ? 'anthropic' : 'openai',
    base_url: target === 'messages' ? providerUrl : `${providerUrl}/v1`,
    // Another key is another account: a cooldown of the one is none of the other.
    api_key: `sk-${place}`,
    ...(target === 'responses' ? { dialects: ['openai-responses'] } : {}),
  });
  const first = (target: DialectName) => ({ provider: at(target, 'first'), model: upstreamNames[target] });
  const second = (target: DialectName) => ({ provider: at(target, 'second'), model: secondName(target) });
  // Codex offers its provider's search with every request.
  const hosted = { hosted_tools: 'drop' };
  return {
    version: 1,
    server: { port: 0 },
    admin: { port: 0 },
    workers: 1,
    // Faults of one case must be none of the next one's.
    circuit: { outcomes: 10_000, min_failures: 10_000 },
    retry: { base_delay: '10ms', max_delay: '50ms' },
    providers: Object.fromEntries(
      targets.flatMap((target) => ['first', 'second'].map((place) => [at(target, place), provider(target, place)])),
    ),
    models: Object.fromEntries(
      targets.flatMap((target) =>
        (['chat', 'messages'] as const).flatMap((face) => [
          [modelAt(face, target, 'one'), { targets: [first(target)], ...hosted }],
          [modelAt(face, target, 'two'), { targets: [first(target), second(target)], ...hosted }],
          [modelAt(face, target, 'warm'), { targets: [first(target)], keep_alive_after: '1s', ...hosted }],
        ]),
      ),
    ),
  };
}
