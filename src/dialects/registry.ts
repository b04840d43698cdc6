/** All dialects by name, and the codecs between them. A new dialect's folder is registered only here. */
import { anthropicCountTokens } from './anthropic-count-tokens/index.ts';
import { anthropicMessages } from './anthropic-messages/index.ts';
import { bedrockConverse } from './bedrock-converse/index.ts';
import { type Codec, isOutbound, makeCodec } from './codec.ts';
import { openaiChat } from './openai-chat/index.ts';
import { openaiCompletions } from './openai-completions/index.ts';
import { openaiResponseCompaction, openaiResponseTokens } from './openai-response-input/index.ts';
import { openaiResponses } from './openai-responses/index.ts';
import { storedDialects } from './openai-stored/index.ts';
import { passThroughDialects } from './pass-through/index.ts';
import type { Dialect, HubOutbound, TargetDialect } from './types.ts';

const dialects: readonly TargetDialect[] = [
  openaiChat,
  anthropicMessages,
  anthropicCountTokens,
  bedrockConverse,
  openaiResponses,
  openaiResponseTokens,
  openaiResponseCompaction,
  ...storedDialects,
  openaiCompletions,
  ...passThroughDialects,
];

const byName: ReadonlyMap<string, TargetDialect> = new Map(dialects.map((dialect) => [dialect.name, dialect]));

/** What stands between each dialect of clients and each of targets, where the one can be put before the other. */
export const allCodecs: readonly Codec[] = dialects
  .filter(isOfClients)
  .flatMap((inbound) => dialects.flatMap((outbound) => makeCodec(inbound, outbound) ?? []));

/** By the client's dialect and then the target's. */
const codecs: ReadonlyMap<TargetDialect, ReadonlyMap<TargetDialect, Codec>> = new Map(
  dialects.map((dialect) => {
    const own = allCodecs.filter(({ inbound }) => inbound === dialect);
    return [dialect, new Map(own.map((codec) => [codec.outbound, codec]))];
  }),
);

/** The dialect of that name. Throws an `Error` for one that there is not. */
export function dialectOf(name: string): TargetDialect {
  const dialect = byName.get(name);
  if (dialect === undefined) throw new Error(`there is no dialect ${name}`);
  return dialect;
}

/** The dialect of that name, for an endpoint. Throws an `Error` for one that clients cannot speak. */
export function clientDialectOf(name: string): Dialect {
  const dialect = dialectOf(name);
  if (!isOfClients(dialect)) throw new Error(`clients cannot speak ${name}`);
  return dialect;
}

/** The first of these dialects that chats can be translated to. Null if there is none. */
export function chatDialectAmong(names: readonly string[]): HubOutbound | null {
  return names.map(dialectOf).find(isOutbound) ?? null;
}

/** What stands between a client's dialect and a target's; null if the one cannot be put before the other. */
export function codecFor(inbound: Dialect, outbound: TargetDialect): Codec | null {
  return codecs.get(inbound)?.get(outbound) ?? null;
}

/** The names, or their beginnings, of the headers that go back to clients: a compatible provider sends another's too. */
export const returnedHeaders: readonly string[] = [...new Set(dialects.flatMap(({ headers }) => headers.returned))];

function isOfClients(dialect: TargetDialect): dialect is Dialect {
  return 'arrive' in dialect;
}
