/**
 * One connection to each worker, for tests that choose who serves a request.
 */
import { Client } from 'undici';
import type { RunningGateway } from './gateway.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

export interface WorkerClient {
  /** POSTs a chat completion to this worker; one at a time. */
  ask(body?: object): Promise<Answer>;
}

/** Runs `use` with a client for each of `slots` workers, in the order of their slots, and closes them afterwards. */
export async function withClientPerWorker<T>(
  gateway: RunningGateway,
  slots: number,
  use: (clients: readonly WorkerClient[]) => Promise<T>,
): Promise<T> {
  const connections: Client[] = [];
  const bySlot = new Map<string, WorkerClient>();
  try {
    // The kernel chooses the worker of a connection by a hash, so connections are made until each was chosen.
    while (bySlot.size < slots) {
      const connection = new Client(gateway.url);
      connections.push(connection);
      const client = { ask: (body: object = {}) => ask(connection, body) };
      const { headers } = await client.ask({ model: 'nobody knows this one' });
      bySlot.set(String(headers['x-headgate-worker']), client);
    }
    return await use([...bySlot].sort(([one], [other]) => Number(one) - Number(other)).map(([, client]) => client));
  } finally {
    await Promise.all(connections.map((connection) => connection.destroy()));
  }
}

async function ask(connection: Client, body: object): Promise<Answer> {
  const {
    statusCode,
    headers,
    body: answer,
  } = await connection.request({
    path: '/v1/chat/completions',
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'gpt-4', messages: [{ role: 'user', content: 'hello' }], ...body }),
  });
  return { status: statusCode, headers, text: await answer.text() };
}
