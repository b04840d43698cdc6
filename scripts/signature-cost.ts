/**
 * What a signature of AWS costs a worker per request, by the size of the request's body: µs of CPU, the median of rounds.
 *
 *   node scripts/signature-cost.ts
 */
import { sigv4 } from '../src/providers/credentials/aws/sigv4.ts';
import { piecesOf } from '../src/wire/pieced-bytes.ts';
import { microsOf } from './processor-time.ts';

const ROUNDS = 21;
const ROUND_BYTES = 64 * 1024 * 1024;
const MOST_CALLS = 5_000;

const url = 'https://bedrock-runtime.eu-central-1.amazonaws.com/model/eu.anthropic.claude-sonnet-4-5%3A0/converse';
const fetched = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'x'.repeat(40), sessionToken: 'x'.repeat(1_000) };
const secrets = { apiKey: '', settings: { region: 'eu-central-1' }, fetched };

/** Microseconds of each request. @param bytes of the body */
function roundOf(bytes: number): number {
  const body = piecesOf([Buffer.alloc(Math.floor(bytes / 2), 1), Buffer.alloc(Math.ceil(bytes / 2), 2)]);
  const calls = Math.max(1, Math.min(MOST_CALLS, Math.floor(ROUND_BYTES / bytes)));
  let nowMs = Date.UTC(2030, 0, 1);
  return microsOf(calls, () => {
    nowMs += 1;
    return sigv4.authorize({ method: 'POST', url, headers: {}, body }, secrets, nowMs);
  });
}

for (const bytes of [200, 4_096, 65_536, 1_048_576, 20_971_520]) {
  roundOf(bytes);
  const rounds = Array.from({ length: ROUNDS }, () => roundOf(bytes)).sort((one, other) => one - other);
  const median = rounds[Math.floor(ROUNDS / 2)] ?? Number.NaN;
  console.log(`${bytes} bytes: ${median.toFixed(1)} µs per request`);
}
