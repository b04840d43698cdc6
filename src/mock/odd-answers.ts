/** Answers of another form than was asked for: broken, packed, mislabelled, or no answers at all. */
import { gzipSync } from 'node:zlib';
import { emptyAnswer, otherForm } from './answer.ts';
import { bytesOf, eventStream, json, type Performance, sendWhole } from './send.ts';

/** A 200 whose body is half of a JSON object. */
export function sendBadJson({ exchange, asked }: Performance): void {
  const whole = emptyAnswer({ ...asked, stream: null });
  if (whole.kind !== 'plain') return;
  const half = whole.body.subarray(0, whole.body.length / 2);
  exchange.head(200, { ...json, 'content-length': half.length });
  exchange.end(half);
}

const page = Buffer.from(
  '<!DOCTYPE html><html><head><title>A page</title></head><body><h1>A page of the fake provider</h1></body></html>\n',
);

/** A page in place of an answer. */
export function sendPage({ exchange }: Performance, status: number): void {
  exchange.head(status, { 'content-type': 'text/html; charset=utf-8', 'content-length': page.length });
  exchange.end(page);
}

/** The whole answer in gzip, or with its label alone. */
export function sendCompressed({ exchange, answer }: Performance, how: 'packed' | 'label'): void {
  const type = answer.kind === 'plain' ? json : eventStream(answer.events);
  const bytes = bytesOf(answer);
  exchange.head(200, { ...type, 'content-encoding': 'gzip' });
  exchange.end(how === 'packed' ? gzipSync(bytes) : bytes);
}

/** The whole answer, said to be of the other form. */
export function sendWithWrongType({ exchange, answer }: Performance): void {
  exchange.head(200, answer.kind === 'plain' ? eventStream() : json);
  exchange.end(bytesOf(answer));
}

/** A stream for a plain request, and the reverse. */
export function sendInOtherForm(performance: Performance): Promise<void> {
  const { dialect, asked, shape } = performance;
  return sendWhole({ ...performance, answer: otherForm(dialect.name, asked, shape) });
}

/** The whole answer byte by byte. */
export async function sendSplit({ exchange, answer }: Performance): Promise<void> {
  const bytes = bytesOf(answer);
  exchange.head(
    200,
    answer.kind === 'plain' ? { ...json, 'content-length': bytes.length } : eventStream(answer.events),
  );
  for (let index = 0; index < bytes.length; index += 1) {
    if (!(await exchange.write(bytes.subarray(index, index + 1)))) return;
  }
  exchange.end();
}
