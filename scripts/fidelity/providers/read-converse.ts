/** Reads a request of Converse as Bedrock does. */
import { asArray, asRecord, asString, type JsonRecord } from '../../../src/shared/json.ts';
import type { ReadRequest, ToolWanted } from '../wanted.ts';
import { pictured } from './read-messages.ts';

/** @param body as it came */
export function readConverse(body: unknown): ReadRequest {
  const request = asRecord(body) ?? {};
  const inference = asRecord(request.inferenceConfig) ?? {};
  const tools = asRecord(request.toolConfig);
  // Claude's own words stand in place of Bedrock's.
  const own = asRecord(asRecord(request.additionalModelRequestFields)?.tool_choice);
  const alone = own?.disable_parallel_tool_use;
  const structure = asRecord(asRecord(asRecord(request.outputConfig)?.textFormat)?.structure);
  const schema = asString(asRecord(structure?.jsonSchema)?.schema);
  const lines = asArray(request.messages).flatMap((message) => linesOf(asRecord(message) ?? {}));
  return {
    system: recordsIn(request.system)
      .map(({ text }) => String(text))
      .join('\n'),
    lines: pictured(lines),
    tools: recordsIn(tools?.tools).map(readTool),
    choice: choiceOf(asRecord(tools?.toolChoice)),
    parallel: typeof alone === 'boolean' ? !alone : null,
    schema: schema === null ? null : JSON.parse(schema),
    limit: typeof inference.maxTokens === 'number' ? inference.maxTokens : null,
    stop: asArray(inference.stopSequences).map(String),
  };
}

function choiceOf(choice: JsonRecord | null): string {
  if (choice?.any !== undefined) return 'required';
  return asString(asRecord(choice?.tool)?.name) ?? 'auto';
}

function recordsIn(list: unknown): JsonRecord[] {
  return asArray(list).map((each) => asRecord(each) ?? {});
}

function linesOf({ role, content }: JsonRecord): string[] {
  return recordsIn(content).flatMap((block) => {
    if (block.text !== undefined) return [`${String(role)} ${String(block.text)}`];
    if (block.image !== undefined) return [`${String(role)} image ${urlOf(block.image)}`];
    const thought = asRecord(asRecord(block.reasoningContent)?.reasoningText);
    if (thought !== null) return [`thought ${String(thought.text)}`];
    const call = asRecord(block.toolUse);
    if (call !== null) return [`call ${String(call.toolUseId)} ${String(call.name)} ${JSON.stringify(call.input)}`];
    const result = asRecord(block.toolResult);
    if (result === null) return [`a block of ${Object.keys(block).join()}`];
    const parts = recordsIn(result.content);
    const texts = parts.flatMap(({ text }) => (text === undefined ? [] : String(text)));
    const images = parts.flatMap(({ image }) => (image === undefined ? [] : `result image ${urlOf(image)}`));
    return [`result ${String(result.toolUseId)} ${texts.join('')}`, ...images];
  });
}

function urlOf(image: unknown): string {
  const { format, source } = asRecord(image) ?? {};
  return `data:image/${String(format)};base64,${String(asRecord(source)?.bytes)}`;
}

function readTool({ toolSpec }: JsonRecord): ToolWanted {
  const { name, description, inputSchema } = asRecord(toolSpec) ?? {};
  const schema = asRecord(asRecord(inputSchema)?.json) ?? {};
  return { name: String(name), description: String(description), schema };
}
