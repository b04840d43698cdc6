/** Amazon's own client of Bedrock, before the fake one: what it reads of an answer, whole or streamed. */
import {
  BedrockRuntimeClient,
  type ContentBlock,
  ConverseCommand,
  type ConverseCommandInput,
  ConverseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime';
import { NodeHttpHandler } from '@smithy/node-http-handler';

/** What was said, in the client's own words. */
export interface ReadByAws {
  readonly text: string;
  readonly thought: string;
  readonly calls: readonly { readonly id: string; readonly name: string; readonly input: string }[];
  readonly stopReason: string | null;
  readonly tokens: { readonly input: number; readonly output: number } | null;
}

/** A client that asks once. */
export function bedrockClient(url: string): BedrockRuntimeClient {
  return new BedrockRuntimeClient({
    region: 'eu-central-1',
    endpoint: url,
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'any' },
    maxAttempts: 1,
    // Its own speaks HTTP/2.
    requestHandler: new NodeHttpHandler({ requestTimeout: 10_000 }),
  });
}

export async function converse(client: BedrockRuntimeClient, input: ConverseCommandInput): Promise<ReadByAws> {
  const { output, stopReason, usage } = await client.send(new ConverseCommand(input));
  const blocks: readonly ContentBlock[] = output?.message?.content ?? [];
  return {
    text: blocks.map(({ text }) => text ?? '').join(''),
    thought: blocks.map(({ reasoningContent }) => reasoningContent?.reasoningText?.text ?? '').join(''),
    calls: blocks.flatMap(({ toolUse }) =>
      toolUse === undefined
        ? []
        : [{ id: toolUse.toolUseId ?? '', name: toolUse.name ?? '', input: JSON.stringify(toolUse.input) }],
    ),
    stopReason: stopReason ?? null,
    tokens: usage === undefined ? null : { input: usage.inputTokens ?? 0, output: usage.outputTokens ?? 0 },
  };
}

/** Rejects with the error that the client throws, at its head or within it. */
export async function converseStream(client: BedrockRuntimeClient, input: ConverseCommandInput): Promise<ReadByAws> {
  const { stream = [] } = await client.send(new ConverseStreamCommand(input));
  let [text, thought] = ['', ''];
  let stopReason: string | null = null;
  let tokens: ReadByAws['tokens'] = null;
  const calls = new Map<number, { readonly id: string; readonly name: string; input: string }>();
  for await (const event of stream) {
    const { start, contentBlockIndex: at = 0 } = event.contentBlockStart ?? {};
    if (start?.toolUse !== undefined) {
      calls.set(at, { id: start.toolUse.toolUseId ?? '', name: start.toolUse.name ?? '', input: '' });
    }
    const { delta, contentBlockIndex = 0 } = event.contentBlockDelta ?? {};
    text += delta?.text ?? '';
    thought += delta?.reasoningContent?.text ?? '';
    const call = calls.get(contentBlockIndex);
    if (call !== undefined) call.input += delta?.toolUse?.input ?? '';
    stopReason = event.messageStop?.stopReason ?? stopReason;
    const usage = event.metadata?.usage;
    if (usage !== undefined) tokens = { input: usage.inputTokens ?? 0, output: usage.outputTokens ?? 0 };
  }
  return { text, thought, calls: [...calls.values()], stopReason, tokens };
}

/** The error with which it rejects. */
export async function failureOf(asked: Promise<ReadByAws>): Promise<Error> {
  const read = await asked.catch((error: unknown) => error);
  if (read instanceof Error) return read;
  throw new Error(`no error, but ${JSON.stringify(read)}`);
}
