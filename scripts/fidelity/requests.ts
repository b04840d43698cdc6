/**
 * The other direction: what a provider reads of a request is what the client has asked for. What such a provider cannot be
 * asked is refused by its name, or left out and named in the answer's header.
 */
import { clientOf, type Pair, wholeReply } from './cells.ts';
import { contents, PICTURE, results, schema } from './contents.ts';
import type { Face, Outbound } from './meaning.ts';
import type { Provider } from './providers/provider.ts';
import { readChat } from './providers/read-chat.ts';
import { readConverse } from './providers/read-converse.ts';
import { readMessages } from './providers/read-messages.ts';
import { readResponses } from './providers/read-responses.ts';
import { asRead, type ReadRequest, type Wanted, wanted } from './wanted.ts';

export interface Ask {
  readonly name: string;
  readonly wanted: Partial<Wanted>;
  /** Faces that have no such words. */
  readonly notIn?: readonly Face[];
}

const { tools = [] } = results;
const [, ...unicode] = contents.filter(({ name }) => name === 'text' || name === 'unicode');

/** What clients ask for. */
export const asks: readonly Ask[] = [
  { name: 'a question', wanted: {} },
  { name: 'a system text', wanted: { system: 'Be brief,\nand kind: "ü".' } },
  { name: 'any characters', wanted: { turns: [{ by: 'user', text: unicode[0]?.meant.text ?? '' }] } },
  { name: 'a picture', wanted: { turns: [{ by: 'user', text: 'What is this?', image: PICTURE }] } },
  { name: 'results', wanted: results },
  { name: 'tools, one is to be called', wanted: { tools, choice: 'required' } },
  { name: 'a certain tool', wanted: { tools, choice: 'tide' } },
  { name: 'no tool', wanted: { tools, choice: 'none' } },
  { name: 'one call at a time', wanted: { tools, parallel: false } },
  { name: 'a form of the answer', wanted: { schema } },
  { name: 'stop sequences', wanted: { stop: ['END', '\n\n'] }, notIn: ['openai-responses'] },
  {
    name: 'thoughts in the history',
    wanted: {
      turns: [
        { by: 'user', text: 'And the tide?' },
        { by: 'assistant', reasoning: 'I must think.', text: 'High.' },
        { by: 'user', text: 'Sure?' },
      ],
    },
  },
];

const readers: Readonly<Record<Outbound, (body: unknown) => ReadRequest>> = {
  'openai-chat': readChat,
  'anthropic-messages': readMessages,
  'openai-responses': readResponses,
  'bedrock-converse': readConverse,
};

export interface Asked {
  /** `named`: what is missing stands in the header of what was left out. */
  readonly outcome: 'same' | 'named' | 'refused' | 'wrong';
  readonly fault: string;
}

/** Asks, and compares what the provider has read. */
export async function tryAsk({ face, outbound }: Pair, ask: Ask, provider: Provider, url: string): Promise<Asked> {
  const [answer] = contents;
  const read = readers[outbound];
  if (answer === undefined) throw new Error('there is no answer');
  const planned = provider.expect([wholeReply(outbound, answer)]);
  const request = wanted(planned.number, ask.wanted);
  const result = await clientOf(face, url)
    .plain(outbound, request)
    .catch((error: unknown) => error as Error);
  provider.forget(planned);
  if (result instanceof Error) {
    const isRefusal = /^400 .*(?:is not supported by this provider|unsupported_parameter)/.test(result.message);
    return { outcome: isRefusal ? 'refused' : 'wrong', fault: result.message };
  }
  return compared(read(planned.requests[0]), asRead(request), result.dropped);
}

/** By which names in the header a part may be missing. */
const names: Readonly<Record<string, RegExp>> = {
  lines: /reasoning/,
  parallel: /parallel/,
  stop: /stop/,
  tools: /^tools$/,
  choice: /^tool_choice$/,
};

function compared(read: ReadRequest, meant: ReadRequest, dropped: readonly string[]): Asked {
  const parts = Object.keys(meant) as (keyof ReadRequest)[];
  const missing = parts.filter((part) => JSON.stringify(read[part]) !== JSON.stringify(meant[part]));
  if (missing.length === 0) return { outcome: 'same', fault: '' };
  const fault = missing
    .map((part) => `${part}: ${JSON.stringify(read[part])} for ${JSON.stringify(meant[part])}`)
    .join('; ');
  const told = `${fault}; left out: ${dropped.join(', ')}`;
  const isNamed = missing.every((part) => dropped.some((name) => names[part]?.test(name) ?? false));
  const rest = { ...meant, lines: meant.lines.filter((line) => !line.startsWith('thought ')) };
  const isRest = !missing.includes('lines') || JSON.stringify(read.lines) === JSON.stringify(rest.lines);
  return { outcome: isNamed && isRest ? 'named' : 'wrong', fault: told };
}
