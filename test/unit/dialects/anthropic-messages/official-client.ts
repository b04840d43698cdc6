/** The official Anthropic client, before a gateway that is a function: for tests of what it sends and reads. */
import Anthropic from '@anthropic-ai/sdk';

/** What the client sent. */
type Sent = Record<string, unknown>;

function clientBefore(answer: (sent: Sent) => Response): Anthropic {
  return new Anthropic({
    apiKey: 'key',
    maxRetries: 0,
    fetch: async (_address, init) => answer(JSON.parse(String(init?.body))),
  });
}

const asked = { model: 'm', max_tokens: 16, messages: [{ role: 'user' as const, content: 'hi' }] };

/** The body of the request for these parameters. */
export async function sentBody(params: Anthropic.MessageCreateParamsNonStreaming): Promise<Sent> {
  let body: Sent = {};
  const client = clientBefore((sent) => {
    body = sent;
    return Response.json({ type: 'message', content: [] });
  });
  await client.messages.create(params);
  return body;
}

/** The message that the client reads in a plain answer. */
export function readByClient(message: object): Promise<Anthropic.Message> {
  return clientBefore(() => Response.json(message)).messages.create(asked);
}

/** The message that the client reads in a stream. */
export function streamedToClient(bytes: Buffer): Promise<Anthropic.Message> {
  const headers = { 'content-type': 'text/event-stream' };
  return clientBefore(() => new Response(new Uint8Array(bytes), { headers }))
    .messages.stream(asked)
    .finalMessage();
}

/** What the client throws at an error. */
export async function thrownByClient(status: number, body: Buffer): Promise<unknown> {
  const headers = { 'content-type': 'application/json' };
  const client = clientBefore(() => new Response(new Uint8Array(body), { status, headers }));
  return client.messages.create(asked).then(
    () => null,
    (error: unknown) => error,
  );
}
