/** OpenAI's old completions: a prompt, and the text behind it. */
import type { Ask } from './ask.ts';
import { type Content, tokensOf, wholeText } from './content.ts';
import { type Api, Refusal, type StreamEvents } from './dialect.ts';
import { isAbsentOrWhole, isArray, isRecord } from './json-reading.ts';
import { created, hashOf, missing, readBoolean, readModel, streamError, wrong } from './openai-facts.ts';

function read(body: unknown): Ask {
  if (!isRecord(body)) throw new Refusal('We could not parse the JSON body of your request: it must be an object.');
  const stream = readBoolean('stream', body.stream);
  const options = body.stream_options;
  if (isRecord(options) && !stream) {
    throw new Refusal("The 'stream_options' parameter is only allowed when 'stream' is enabled.", 'stream_options');
  }
  for (const limit of ['max_tokens', 'n', 'best_of']) {
    if (!isAbsentOrWhole(body[limit], 1)) throw wrong(limit, 'an integer from 1');
  }
  const prompt = readPrompt(body.prompt);
  return {
    model: readModel(body.model),
    stream,
    includeUsage: isRecord(options) && options.include_usage === true,
    prompt,
    promptTokens: tokensOf(prompt.length),
    maxTokens: typeof body.max_tokens === 'number' ? body.max_tokens : null,
    tool: null,
  };
}

/** A text, or the first of several. Tokens are not known as text. */
function readPrompt(prompt: unknown): string {
  if (prompt === undefined || prompt === null) throw missing('prompt');
  if (typeof prompt === 'string') return prompt;
  if (!isArray(prompt)) throw wrong('prompt', 'a string or an array');
  return typeof prompt[0] === 'string' ? prompt[0] : '';
}

function plain(ask: Ask, content: Content): string {
  const choice = { text: wholeText(content), index: 0, logprobs: null, finish_reason: finishReason(content) };
  return JSON.stringify({ ...frame(ask), choices: [choice], usage: usage(ask, content) });
}

function stream(ask: Ask, content: Content): StreamEvents {
  const chunk = (choices: readonly object[], rest: object = {}): string =>
    sseEvent(JSON.stringify({ ...frame(ask), choices, ...rest }));
  const unused = ask.includeUsage ? { usage: null } : {};
  const text = (part: string, finish: string | null): string =>
    chunk([{ text: part, index: 0, logprobs: null, finish_reason: finish }], unused);
  const last = ask.includeUsage ? chunk([], { usage: usage(ask, content) }) : '';
  const finish = text('', finishReason(content)) + last;
  return {
    opening: Buffer.alloc(0),
    pieces: content.pieces,
    piece: (index) => Buffer.from(text(content.piece(index), null)),
    finish: Buffer.from(finish),
    closing: Buffer.from(finish + sseEvent('[DONE]')),
    bad: Buffer.from(sseEvent('{"id":"cmpl-broken","choices":[{"te')),
    error(_sent, how) {
      if (how === 'event') return Buffer.from(sseEvent(JSON.stringify(streamError)));
      return Buffer.from(chunk([{ text: '', index: 0, finish_reason: 'error' }], streamError) + sseEvent('[DONE]'));
    },
  };
}

function frame(ask: Ask): object {
  return { id: `cmpl-${hashOf(ask)}`, object: 'text_completion', created, model: ask.model };
}

function usage(ask: Ask, { tokens }: Content): object {
  return { prompt_tokens: ask.promptTokens, completion_tokens: tokens, total_tokens: ask.promptTokens + tokens };
}

function finishReason({ truncated }: Content): string {
  return truncated ? 'length' : 'stop';
}

function sseEvent(data: string): string {
  return `data: ${data}\n\n`;
}

export const openaiCompletions: Api = {
  paths: ['/v1/completions', '/completions'],
  read(body) {
    const ask = read(body);
    return { ask, plain: (content) => plain(ask, content), stream: (content) => stream(ask, content) };
  },
};
