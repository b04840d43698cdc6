/** One connection to each worker, to choose which worker serves a request. */
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'undici';

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** A client with one connection, and so with one worker. */
export class WorkerClient {
  readonly #connection: Client;

  /** @param url of the gateway's data port; the connection is made by the first request */
  constructor(url: string) {
    this.#connection = new Client(url);
  }

  /** POSTs a chat completion to this worker, one at a time. */
  async ask(body: object = {}): Promise<Answer> {
    const answer = await this.#connection.request({
      path: '/v1/chat/completions',
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'gpt-4', messages: [{ role: 'user', content: 'hello' }], ...body }),
    });
    return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
  }

  /**
   * Asks for `model` until the answer has that status, at most 2,000 times. Resolves with the time at which it had been
   * read, on the clock of `performance.now()`.
   */
  async untilStatus(status: number, pauseMs = 0, model = 'gpt-4'): Promise<number> {
    for (let tries = 0; tries < 2_000; tries += 1) {
      if ((await this.ask({ model })).status === status) return performance.now();
      if (pauseMs > 0) await pause(pauseMs);
    }
    throw new Error(`no ${status} from a worker within 2,000 requests`);
  }

  close(): Promise<void> {
    return this.#connection.destroy();
  }
}

/** Runs `use` with a client for each of `slots` workers, in the order of their slots, and closes them afterwards. */
export async function withClientPerWorker<T>(
  gateway: { readonly url: string },
  slots: number,
  use: (clients: readonly WorkerClient[]) => Promise<T>,
): Promise<T> {
  const clients: WorkerClient[] = [];
  const bySlot = new Map<string, WorkerClient>();
  try {
    // The kernel chooses the worker of a connection by a hash, so connections are made until each was chosen.
    while (bySlot.size < slots) {
      const client = new WorkerClient(gateway.url);
      clients.push(client);
      const { headers } = await client.ask({ model: 'nobody knows this one' });
      bySlot.set(String(headers['x-headgate-worker']), client);
    }
    return await use([...bySlot].sort(([one], [other]) => Number(one) - Number(other)).map(([, client]) => client));
  } finally {
    await Promise.all(clients.map((client) => client.close()));
  }
}
