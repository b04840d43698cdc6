/** Answers of a provider: large, in many pieces, many at once, or of a shape that costs its reader much. */
import type { Socket } from 'node:net';
import { type Attack, MB } from '../attack.ts';
import { chatBody, completion, megabytes, message } from '../other-side/bytes.ts';
import { post, together } from '../other-side/client.ts';
import { inChunks, whole } from '../other-side/provider.ts';

/** `server.max_buffered` by default. */
const MAX_BUFFERED_MB = 256;

/** Of an error's body, more is not read. */
const ERROR_MB = 0.25;

const JSON_TYPE = 'application/json';

/** What one request costs that gets that answer. The answer is made when it is asked for. */
function oneAnswer(name: string, keptMb: number, answer: () => (socket: Socket) => void, model = 'gpt-4'): Attack {
  let made: ((socket: Socket) => void) | null = null;
  return {
    name,
    keptMb,
    run: (front) => {
      made = answer();
      return post(front, Buffer.from(chatBody(model)));
    },
    answer: (socket) => made?.(socket),
  };
}

/** A token's log probability, with others that were less probable. */
const LOGPROB = '{"token":"word","logprob":-0.123456,"bytes":[119,111,114,100],"top_logprobs":[]}';

/** What comes may be a whole answer, then nothing more comes. */
const silent = (body: Buffer) => (socket: Socket) => {
  socket.write(`HTTP/1.1 200 OK\r\ncontent-type: ${JSON_TYPE}\r\ncontent-length: ${body.length + 10}\r\n\r\n`);
  socket.write(body);
  setTimeout(() => socket.end(), 6_000).unref();
};

const severalAtOnce = (() => {
  const sizes = Array.from({ length: 12 }, (_, index) => 20 + Math.round((index * 40) / 11));
  let answers: ((socket: Socket) => void)[] = [];
  const attack: Attack = {
    name: `12 answers of 20 to 60 MB at once`,
    keptMb: MAX_BUFFERED_MB,
    run: async (front) => {
      answers = sizes.map((size) => whole(completion(megabytes(size))));
      return together(await Promise.all(sizes.map(() => post(front, Buffer.from(chatBody('gpt-4'))))));
    },
    answer: (socket) => answers.pop()?.(socket),
  };
  return attack;
})();

const headOf1Mb = (socket: Socket) => {
  const lines = Array.from({ length: 20_000 }, (_, index) => `x-header-${index}: ${'y'.repeat(32)}\r\n`).join('');
  socket.end(`HTTP/1.1 200 OK\r\ncontent-length: 2\r\n${lines}\r\n{}`);
};

export const answers: readonly Attack[] = [
  oneAnswer('answer of 3 MB in chunks of one byte', 3, () => inChunks(completion(megabytes(3)), 1, JSON_TYPE)),
  oneAnswer('stream of one event of 3 MB in chunks of one byte', 3, () =>
    inChunks(
      Buffer.from(`data: {"choices":[{"delta":{"content":"${megabytes(3)}"}}]}\n\ndata: [DONE]\n\n`),
      1,
      'text/event-stream',
    ),
  ),
  oneAnswer('answer of 60 MB of text', 60, () => whole(completion(megabytes(60)))),
  severalAtOnce,
  oneAnswer('answer of 60 MB, every second byte an escape', 60, () => whole(completion('\\"'.repeat(30 * MB)))),
  oneAnswer('answer of 60 MB of {},', 60, () => whole(completion('fine', `,"x":[${'{},'.repeat(20 * MB)}{}]`))),
  oneAnswer('answer of 8 MB of log probabilities', 8, () =>
    whole(completion('fine', `,"logprobs":{"content":[${`${LOGPROB},`.repeat(100_000)}${LOGPROB}]}`)),
  ),
  oneAnswer('60 MB of [{},{},… in place of an answer', 60, () => whole(Buffer.from(`[${'{},'.repeat(20 * MB)}{}]`))),
  oneAnswer('answer of 60 MB, then silence', 60, () => silent(completion(megabytes(60)))),
  oneAnswer('answer of 60 MB of {}, then silence', 60, () =>
    silent(completion('fine', `,"x":[${'{},'.repeat(20 * MB)}{}]`)),
  ),
  oneAnswer('error with a body of 60 MB', ERROR_MB, () => whole(completion(megabytes(60)), '500 No')),
  oneAnswer('error of 250 KB of {},', ERROR_MB, () =>
    whole(Buffer.from(`{"error":{"message":"no"},"x":[${'{},'.repeat(83_000)}{}]}`), '400 No'),
  ),
  oneAnswer('error of 1 MB of escapes', ERROR_MB, () =>
    whole(Buffer.from(`{"error":{"message":"${'\\"'.repeat(MB / 2)}"}}`), '400 No'),
  ),
  oneAnswer('stream of one event of 15 MB of {},', 15, () =>
    whole(Buffer.from(`data: {"choices":[],"x":[${'{},'.repeat(5 * MB)}{}]}\n\n`)),
  ),
  oneAnswer('answer with a head of 1 MB', 0, () => headOf1Mb),
  oneAnswer('translated: answer of 30 MB of text', 60, () => whole(message(megabytes(30))), 'claude'),
  oneAnswer(
    'translated: answer of 30 MB of {},',
    60,
    () => whole(Buffer.from(`{"type":"message","content":[{"type":"x","x":[${'{},'.repeat(10 * MB)}{}]}]}`)),
    'claude',
  ),
];
