/**
 * Relays the primary's metrics page on the data port, unchanged. Who answers on the primary's port must first prove that
 * it is this worker's primary: after its death the port is free for any process of the host.
 */
import http from 'node:http';
import https from 'node:https';
import { GatewayError } from '../../shared/errors.ts';
import { reachableHost } from '../../shared/host/loopback.ts';
import type { WorkerInit } from '../../shared/ipc.ts';
import { RELAY_HEADER, RELAY_PROOF_HEADER, relayQuestion } from '../../shared/secrets/relay-proof.ts';
import type { PlainAnswer } from './plain-answers.ts';

/** Limit for the whole answer. The primary itself answers within 300 ms, or within 3 s after a crash. */
const RELAY_TIMEOUT_MS = 4_000;

/** The primary's page. Rejects with `metrics_unavailable` if the primary does not answer, or another does. */
export function relayMetrics(init: WorkerInit): Promise<PlainAnswer> {
  const { host, tls } = init.config.admin;
  const question = relayQuestion(init.relaySecret);
  return new Promise((resolve, reject) => {
    const relayed = (tls === undefined ? http : https).get(
      {
        host: reachableHost(host),
        port: init.adminPort,
        path: '/metrics',
        headers: { [RELAY_HEADER]: question.header },
        signal: AbortSignal.timeout(RELAY_TIMEOUT_MS),
        agent: false,
        // Its proof says who answers, whatever name its certificate is for.
        rejectUnauthorized: false,
      },
      (answer) => {
        if (!question.isAnsweredBy(answer.headers[RELAY_PROOF_HEADER])) {
          relayed.destroy(new Error('another process answers on the port of the primary'));
          return;
        }
        const { statusCode: status = 502, headers } = answer;
        const type = headers['content-type'] ?? 'text/plain; charset=utf-8';
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', (cause) => reject(unavailable(cause)));
        answer.on('end', () => resolve({ status, type, body: Buffer.concat(chunks) }));
      },
    );
    relayed.on('error', (cause) => reject(unavailable(cause)));
  });
}

function unavailable(cause: unknown): GatewayError {
  const message = 'The primary does not answer. Its metrics are kept and are available again when it is back.';
  return new GatewayError('metrics_unavailable', message, { cause, retryAfterMs: 1000 });
}
