/** Bedrock's Converse: answers, and streams in binary frames, as in docs.aws.amazon.com/bedrock/latest/APIReference. */
import { createHash } from 'node:crypto';
import type { Ask } from './ask.ts';
import { eventFrame, exceptionFrame, withBadSum } from './aws-frames.ts';
import { conversePath, readConverseRequest } from './bedrock-converse-request.ts';
import { type Content, wholeText } from './content.ts';
import type { Api, StreamEvents } from './dialect.ts';

function plain(ask: Ask, content: Content): string {
  const blocks = content.pieces === 0 ? [] : [block(ask, content)];
  return JSON.stringify({
    output: { message: { role: 'assistant', content: blocks } },
    stopReason: stopReason(content),
    usage: usage(ask, content),
    metrics: { latencyMs: 1 },
  });
}

function block(ask: Ask, content: Content): object {
  const text = wholeText(content);
  return content.kind === 'text' ? { text } : { toolUse: { ...toolUse(ask), input: JSON.parse(text) } };
}

function stream(ask: Ask, content: Content): StreamEvents {
  const tool = content.kind === 'tool';
  const delta = (text: string) => (tool ? { toolUse: { input: text } } : { text });
  const start = eventFrame('contentBlockStart', { contentBlockIndex: 0, start: { toolUse: toolUse(ask) } });
  const stop = eventFrame('contentBlockStop', { contentBlockIndex: 0 });
  const last = eventFrame('messageStop', { stopReason: stopReason(content) });
  const finish = content.pieces === 0 ? last : Buffer.concat([stop, last]);
  const metadata = eventFrame('metadata', { usage: usage(ask, content), metrics: { latencyMs: 1 } });
  const piece = (text: string) => eventFrame('contentBlockDelta', { contentBlockIndex: 0, delta: delta(text) });
  return {
    mediaType: 'application/vnd.amazon.eventstream',
    // It has no pings: an event of a type that nobody knows.
    comment: eventFrame('stillHere', {}),
    opening: eventFrame('messageStart', { role: 'assistant' }),
    pieces: content.pieces,
    // A text has no start of its own.
    piece: (index) =>
      tool && index === 0 ? Buffer.concat([start, piece(content.piece(0))]) : piece(content.piece(index)),
    finish,
    closing: Buffer.concat([finish, metadata]),
    bad: withBadSum(piece('broken')),
    error(_sent, how) {
      if (how === 'event') return exceptionFrame('serviceUnavailableException', { message: 'Too busy.' });
      return Buffer.concat([stop, eventFrame('messageStop', { stopReason: 'malformed_model_output' }), metadata]);
    },
  };
}

function toolUse(ask: Ask): { readonly toolUseId: string; readonly name: string } {
  const digest = createHash('sha1').update(`${ask.model}\n${ask.prompt}`).digest('hex').slice(0, 22);
  return { toolUseId: `tooluse_${digest}`, name: ask.tool?.name ?? '' };
}

function usage(ask: Ask, { tokens }: Content): object {
  return { inputTokens: ask.promptTokens, outputTokens: tokens, totalTokens: ask.promptTokens + tokens };
}

function stopReason(content: Content): string {
  if (content.kind === 'tool') return 'tool_use';
  return content.truncated ? 'max_tokens' : 'end_turn';
}

export const bedrockConverse: Api = {
  paths: [],
  isAt: (path) => conversePath.test(path),
  read(body, _version, path) {
    const ask = readConverseRequest(body, path);
    return { ask, plain: (content) => plain(ask, content), stream: (content) => stream(ask, content) };
  },
};
