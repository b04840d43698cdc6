/** Translates a provider's bytes, as a worker does. */
import type { AnswerContext, StreamEnd, StreamTranslator, Translator } from '../../src/providers/types.ts';
import { SseSplitter } from '../../src/wire/sse.ts';

export const context: AnswerContext = { model: 'asked-for', includeUsage: true, createdAt: 1_750_000_000 };

export interface TranslatedStream {
  readonly bytes: Buffer;
  readonly kinds: readonly string[];
  readonly end: StreamEnd;
  readonly translator: StreamTranslator;
}

/** All bytes that a client gets for these chunks. */
export function translateStream(dialect: Translator, ...chunks: readonly Buffer[]): TranslatedStream {
  const splitter = new SseSplitter();
  const translator = dialect.stream(context);
  const events = chunks.flatMap((chunk) => splitter.push(chunk));
  const last = splitter.flush();
  const steps = [...events, ...(last === null ? [] : [last])].map((event) => translator.push(event));
  const end = translator.end();
  const bytes = Buffer.concat([...steps.map((step) => step.bytes), end.bytes]);
  return { bytes, kinds: steps.map(({ kind }) => kind), end, translator };
}

/** The provider's framing: `data:` lines, with `event:` lines for Anthropic. */
export function framed(dialect: 'openai' | 'anthropic', lines: readonly string[]): Buffer {
  const events = lines.map((line) => {
    const name = dialect === 'anthropic' ? `event: ${JSON.parse(line).type}\n` : '';
    return `${name}data: ${line}\n\n`;
  });
  return Buffer.from(events.join(''));
}

/** Each byte as a chunk of its own. */
export function bytewise(bytes: Buffer): Buffer[] {
  return [...bytes].map((byte) => Buffer.from([byte]));
}
