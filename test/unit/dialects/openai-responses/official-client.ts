/** The official OpenAI client, before a gateway that is a function: for tests of what it sends and reads of responses. */
import OpenAI from 'openai';
import type { Response as Answer, ResponseCreateParamsNonStreaming } from 'openai/resources/responses/responses';

/** What the client sent. */
type Sent = Record<string, unknown>;

function clientBefore(answer: (sent: Sent) => Response): OpenAI {
  return new OpenAI({
    apiKey: 'key',
    maxRetries: 0,
    fetch: async (_address, init) => answer(JSON.parse(String(init?.body))),
  });
}

const asked = { model: 'm', input: 'hi' };

/** The body of the request for these parameters. */
export async function sentBody(params: ResponseCreateParamsNonStreaming): Promise<Sent> {
  let body: Sent = {};
  const client = clientBefore((sent) => {
    body = sent;
    return Response.json({ object: 'response', output: [] });
  });
  await client.responses.create(params);
  return body;
}

/** The response that the client reads in a plain answer. */
export function readByClient(response: object): Promise<Answer> {
  return clientBefore(() => Response.json(response)).responses.create(asked);
}

/** The response that the client puts together from a stream, whose grammar it checks, and the types of its events. */
export async function streamedToClient(
  bytes: Buffer,
): Promise<{ readonly response: Answer; readonly types: readonly string[] }> {
  const headers = { 'content-type': 'text/event-stream' };
  const client = clientBefore(() => new Response(new Uint8Array(bytes), { headers }));
  const stream = client.responses.stream(asked);
  const types: string[] = [];
  let next = 0;
  for await (const event of stream) {
    if (event.sequence_number !== next) throw new Error(`event ${next} has the number ${event.sequence_number}`);
    next += 1;
    types.push(event.type.replace('response.', ''));
  }
  return { response: await stream.finalResponse(), types };
}
