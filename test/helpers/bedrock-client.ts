/** Amazon's own client of Bedrock, before the fake one: what it reads of an answer, whole or streamed. */
import {
  BedrockRuntimeClient,
  type ContentBlock,
  ConverseCommand,
  type ConverseCommandInput,
  ConverseStreamCommand,
  type TokenUsage,
} from '@aws-sdk/client-bedrock-runtime';
import { NodeHttpHandler } from '@smithy/node-http-handler';

/** What was said, in the client's own words. */
export interface ReadByAws {
  readonly text: string;
  readonly thought: string;
  /** Those of tools that the client runs. */
  readonly calls: readonly { readonly id: string; readonly name: string; readonly input: string }[];
  readonly stopReason: string | null;
  /** `input`: those of the cache included. */
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
    text: blocks.map(({ text, citationsContent }) => text ?? citedText(citationsContent)).join(''),
    thought: blocks.map(({ reasoningContent }) => reasoningContent?.reasoningText?.text ?? '').join(''),
    calls: blocks.flatMap(({ toolUse }) =>
      toolUse === undefined || toolUse.type !== undefined
        ? []
        : [{ id: toolUse.toolUseId ?? '', name: toolUse.name ?? '', input: rounded(toolUse.input) }],
    ),
    stopReason: stopReason ?? null,
    tokens: tokensIn(usage),
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
    if (start?.toolUse !== undefined && start.toolUse.type === undefined) {
      calls.set(at, { id: start.toolUse.toolUseId ?? '', name: start.toolUse.name ?? '', input: '' });
    }
    const { delta, contentBlockIndex = 0 } = event.contentBlockDelta ?? {};
    text += delta?.text ?? '';
    thought += delta?.reasoningContent?.text ?? '';
    const call = calls.get(contentBlockIndex);
    if (call !== undefined) call.input += delta?.toolUse?.input ?? '';
    stopReason = event.messageStop?.stopReason ?? stopReason;
    tokens = tokensIn(event.metadata?.usage) ?? tokens;
  }
  return { text, thought, calls: [...calls.values()], stopReason, tokens };
}

/** As JSON; this client has large numbers in a type of their own. */
function rounded(input: unknown): string {
  return JSON.stringify(input, (_key, value: unknown) => (typeof value === 'bigint' ? Number(value) : value));
}

function citedText(cited: ContentBlock['citationsContent']): string {
  return (cited?.content ?? []).map(({ text }) => text ?? '').join('');
}

function tokensIn(usage: TokenUsage | undefined): ReadByAws['tokens'] {
  if (usage === undefined) return null;
  const { inputTokens = 0, outputTokens = 0, cacheReadInputTokens = 0, cacheWriteInputTokens = 0 } = usage;
  return { input: inputTokens + cacheReadInputTokens + cacheWriteInputTokens, output: outputTokens };
}

/** The error with which it rejects. */
export async function failureOf(asked: Promise<ReadByAws>): Promise<Error> {
  const read = await asked.catch((error: unknown) => error);
  if (read instanceof Error) return read;
  throw new Error(`no error, but ${JSON.stringify(read)}`);
}
