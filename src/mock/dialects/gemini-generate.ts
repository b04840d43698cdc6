/** Gemini's own API: answers and streams, as in ai.google.dev/api/generate-content. A stream has no last event of its own. */
import { createHash } from 'node:crypto';
import type { Ask } from './ask.ts';
import { type Content, wholeText } from './content.ts';
import type { Api, StreamEvents } from './dialect.ts';
import { readGenerateRequest } from './gemini-request.ts';

/** What Gemini wants back with a call, or a text. */
const SIGNATURE = 'EpoBCpcBAVxZ3g==';

function plain(ask: Ask, content: Content): string {
  const parts = content.pieces === 0 ? [] : [part(ask, content, wholeText(content))];
  return JSON.stringify(chunk(ask, content, parts, finishReason(content)));
}

function stream(ask: Ask, content: Content): StreamEvents {
  const event = (parts: readonly object[], finish: string | null) => sseEvent(chunk(ask, content, parts, finish));
  const finish = Buffer.from(event([{ text: '', thoughtSignature: SIGNATURE }], finishReason(content)));
  const isTool = content.kind === 'tool';
  const { promptTokens: promptTokenCount } = ask;
  return {
    opening: Buffer.from(sseEvent({ usageMetadata: { promptTokenCount }, ...frame(ask) })),
    // A call comes whole.
    pieces: isTool ? 1 : content.pieces,
    piece: (index) =>
      Buffer.from(event([part(ask, content, isTool ? wholeText(content) : content.piece(index))], null)),
    finish,
    closing: finish,
    bad: Buffer.from('data: {"candidates":[{"content":{"parts":[{"te\n\n'),
    // It is no event.
    error: () => Buffer.from(`${JSON.stringify({ error: overloaded }, null, 2)}\n`),
  };
}

const overloaded = { code: 503, message: 'The model is overloaded. Please try again later.', status: 'UNAVAILABLE' };

function part(ask: Ask, content: Content, text: string): object {
  if (content.kind === 'text') return { text };
  const args: unknown = JSON.parse(text);
  return { functionCall: { id: `fc_${hashOf(ask)}`, name: ask.tool?.name, args }, thoughtSignature: SIGNATURE };
}

function chunk(ask: Ask, content: Content, parts: readonly object[], finish: string | null): object {
  const usageMetadata = {
    promptTokenCount: ask.promptTokens,
    candidatesTokenCount: content.tokens,
    totalTokenCount: ask.promptTokens + content.tokens,
  };
  const candidate = {
    content: { role: 'model', parts },
    ...(finish === null ? {} : { finishReason: finish }),
    index: 0,
  };
  return { candidates: [candidate], usageMetadata, ...frame(ask) };
}

function frame(ask: Ask): object {
  return { modelVersion: ask.model, responseId: hashOf(ask) };
}

function finishReason(content: Content): string {
  return content.truncated ? 'MAX_TOKENS' : 'STOP';
}

function hashOf(ask: Ask): string {
  return createHash('sha1').update(`${ask.model}\n${ask.prompt}`).digest('hex').slice(0, 24);
}

function sseEvent(payload: object): string {
  return `data: ${JSON.stringify(payload)}\r\n\r\n`;
}

const place =
  /^\/(?:v1|v1beta|v1beta1)\/(?:projects\/[^/]+\/locations\/[^/]+\/publishers\/google\/)?models\/([^/:]+):(generateContent|streamGenerateContent)$/;

/** At every path that names a model. */
export const geminiGenerate: Api = {
  paths: [],
  isAt: (path) => place.test(path),
  read(body, _version, path) {
    const [, model = '', method] = place.exec(path) ?? [];
    const asked = { model: decodeURIComponent(model), stream: method === 'streamGenerateContent' };
    const ask = readGenerateRequest(body, asked);
    return { ask, plain: (content) => plain(ask, content), stream: (content) => stream(ask, content) };
  },
};
