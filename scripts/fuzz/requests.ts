/**
 * Bytes of clients against a real gateway. No worker may die, no connection hang, no answer be half or a failure of ours;
 * and afterwards the counts are exactly what clients have seen and what the provider was asked.
 */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { asRecord } from '../../src/shared/json.ts';
import { type FuzzTarget, type OpenTarget, shown } from './fuzz-target.ts';
import { FuzzedGateway, type Sum } from './fuzzed-gateway.ts';
import { chunksOf } from './mutations.ts';
import { answersIn, type Exchange, exchange, type RawAnswer } from './raw-client.ts';
import { type Connection, connections } from './raw-requests.ts';

/** Connections at the same time, after which the counts are compared: few, since a reset makes them inexact. */
const AT_ONCE = 20;

export const requests: FuzzTarget = {
  name: 'requests',
  about: 'bytes of clients, pipelined, cut and damaged, to a gateway with two workers',
  inputs: 120,
  async open(built) {
    const seenByProvider: Buffer[] = [];
    const fuzzed = await FuzzedGateway.start(built, (body) => seenByProvider.push(body));
    let before = await fuzzed.counts();
    const target: OpenTarget = {
      async round(seed, inputs) {
        const all = fc.sample(connections, { seed, numRuns: inputs });
        for (let from = 0; from < all.length; from += AT_ONCE) {
          const group = all.slice(from, from + AT_ONCE);
          const seen = await together(fuzzed.gateway.port, group, false);
          await fuzzed.judge();
          const [was, now] = [before, await fuzzed.counts()];
          checkCounts((metric, labels) => now(metric, labels) - was(metric, labels), seen, seenByProvider.length);
          for (const body of seenByProvider.splice(0)) checkUpstream(body);
          before = now;
        }
        // Of clients that leave, nobody knows which answers were still counted.
        await together(fuzzed.gateway.port, all.slice(0, AT_ONCE), true);
        await fuzzed.judge();
        before = await fuzzed.counts();
        seenByProvider.splice(0);
      },
      close: () => fuzzed.close(),
    };
    return target;
  },
};

/** What clients have seen of what is counted. */
interface Seen {
  /** Answers with the name of their worker: all others are not counted. */
  readonly answers: RawAnswer[];
  /** How many more a reset may have swallowed. */
  lost: number;
}

/** @param leave before everything is sent, without reading to the end */
async function together(port: number, group: readonly Connection[], leave: boolean): Promise<Seen> {
  const seen: Seen = { answers: [], lost: 0 };
  const ends = group.map(async (connection) => {
    const chunks = chunksOf(connection.bytes, connection.sizes);
    const sent = leave ? chunks.slice(0, Math.ceil(chunks.length / 2)) : chunks;
    const went = await exchange({ port, chunks: sent, leaves: leave, mustClose: connection.answers !== null });
    if (!leave) take(seen, connection, went);
  });
  await Promise.all(ends);
  return seen;
}

function take(seen: Seen, { bytes, answers: expected }: Connection, { received, end }: Exchange): void {
  const input = `${shown(bytes)} got ${shown(received)}`;
  assert.notEqual(end, 'hangs', `the connection ends: ${input}`);
  const answers = answersIn(received, input);
  for (const [index, answer] of answers.entries()) {
    const isCutOff = end === 'reset' && index === answers.length - 1;
    assert.ok(answer.isWhole || isCutOff, `each answer is whole: ${input}`);
    // 501 is the answer to a transfer coding that nobody knows.
    assert.ok(answer.status < 500 || answer.status === 501, `no answer is a failure of the gateway: ${input}`);
  }
  if (expected !== null) {
    assert.equal(end, 'closed', `the last request closes the connection: ${input}`);
    assert.equal(answers.length, expected, `each sound request has its answer: ${input}`);
  }
  seen.answers.push(...answers.filter(({ headers }) => headers['x-headgate-worker'] !== undefined));
  // What a client still sends after a fault is not read: its connection is reset, and an answer may be lost by that.
  if (end === 'reset') seen.lost += bytes.toString('latin1').split(/HTTP/i).length;
}

/** Each count has grown by what clients saw, and by one for the plain request of `judge`. */
function checkCounts(grown: Sum, { answers, lost }: Seen, asked: number): void {
  const all = answers.length + 1;
  const succeeded = answers.filter(({ status }) => status === 200).length + 1;
  const attempts = answers.filter(({ headers }) => headers['x-headgate-provider'] !== undefined).length + 1;
  const counts: readonly (readonly [what: string, counted: number, saw: number])[] = [
    ['successes', grown('llm_requests_total', 'status="success"'), succeeded],
    ['errors', grown('llm_requests_total', 'status="error"'), all - succeeded],
    ['durations', grown('llm_request_duration_seconds_count'), all],
    ['overheads', grown('llm_gateway_overhead_seconds_count'), all],
    ['reasons of errors', grown('llm_request_errors_total'), all - succeeded],
    ['rejections', grown('llm_rejected_total'), all - attempts],
    ['attempts', grown('llm_attempts_total'), attempts],
    ['requests at the provider', asked, attempts],
  ];
  for (const [what, counted, saw] of counts) {
    const bound = lost === 0 ? 'exactly' : `up to ${lost} more than`;
    assert.ok(counted >= saw && counted <= saw + lost, `${counted} ${what}, ${bound} ${saw} that clients saw`);
  }
}

/** What reaches the provider is a request for the one model, whatever was sent around it. */
function checkUpstream(body: Buffer): void {
  assert.equal(asRecord(JSON.parse(body.toString()))?.model, 'gpt-4', `a request for the provider: ${shown(body)}`);
}
