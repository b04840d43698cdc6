/**
 * Reads a request for a message, or for the number of its tokens. It is as strict as the real provider where a translation easily makes
 * mistakes: the version header, `max_tokens`, roles, blank texts and unknown fields.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { Ask } from './ask.ts';
import { tokensOf } from './content.ts';
import { Refusal } from './dialect.ts';
import { isAbsentOrWhole, isAbsentOrWithin, isArray, isRecord, textOf } from './json-reading.ts';
import { chooseTool, type OfferedTool, type ToolChoice } from './tool-call.ts';

/** This version removed the sampling parameters; otherwise requests are the same as in the version before. */
const withoutSampling = '2026-10-21';
const versions = new Set(['2023-06-01', withoutSampling]);
const sampling = ['temperature', 'top_k', 'top_p'];
const fields = new Set(
  (
    'model messages max_tokens system stream stop_sequences tools tool_choice metadata thinking ' +
    'service_tier cache_control container context_management diagnostics inference_geo mcp_servers output_config ' +
    'output_format speed user_profile_id workspace_id thread fallbacks compaction billing_policy'
  ).split(' '),
);

/** The version in the request's headers. Throws `Refusal` if it is missing or unknown. */
export function anthropicVersionOf(headers: IncomingHttpHeaders): string {
  const version = headers['anthropic-version'];
  if (version === undefined) throw new Refusal('anthropic-version: header is required');
  if (typeof version !== 'string' || !versions.has(version)) {
    throw new Refusal(`anthropic-version: "${version}" is not a valid version`);
  }
  return version;
}

/** Reads the body. Throws `Refusal`. @param counts whether it is only to be counted, which needs and takes less */
export function readMessagesRequest(body: unknown, version: string, { counts = false } = {}): Ask {
  if (!isRecord(body)) throw new Refusal('The request body is not a valid JSON object');
  const { model, stream, system } = body;
  for (const field of ['model', 'messages', ...(counts ? [] : ['max_tokens'])]) {
    if (body[field] === undefined) throw new Refusal(`${field}: Field required`);
  }
  const allowed = version === withoutSampling ? [] : sampling;
  const barred = counts ? ['max_tokens', 'stream', 'stop_sequences'] : [];
  const isKnown = (field: string) => (fields.has(field) || allowed.includes(field)) && !barred.includes(field);
  const extra = Object.keys(body).find((field) => !isKnown(field));
  if (extra !== undefined) throw new Refusal(`${extra}: Extra inputs are not permitted`);
  if (typeof model !== 'string' || model === '') throw new Refusal('model: Input should be a valid string');
  if (body.max_tokens === null || !isAbsentOrWhole(body.max_tokens, 1)) {
    throw new Refusal('max_tokens: Input should be an integer greater than or equal to 1');
  }
  if (!isAbsentOrWithin(body.temperature, 0, 1)) throw new Refusal('temperature: range: 0..1');
  if (stream !== undefined && typeof stream !== 'boolean') throw new Refusal('stream: Input should be a valid boolean');
  if (system !== undefined) checkContent('system', system);
  if (!isArray(body.messages)) throw new Refusal('messages: Input should be a valid array');
  if (body.messages.length === 0) throw new Refusal('messages: at least one message is required');
  const messages = body.messages.map(readMessage);
  const tools = readTools(body.tools);
  const asked = messages.findLast((message) => message.role === 'user' && textOf(message.content) !== '');
  const prompt = textOf(asked?.content);
  const characters = messages.reduce((sum, message) => sum + textOf(message.content).length, textOf(system).length);
  return {
    model,
    stream: stream === true,
    includeUsage: true,
    prompt,
    promptTokens: tokensOf(characters),
    maxTokens: counts ? null : Number(body.max_tokens),
    tool: chooseTool(tools, readChoice(body.tool_choice), prompt, holdsToolResult(messages.at(-1)?.content)),
  };
}

function readMessage(message: unknown, index: number): Record<string, unknown> {
  const at = `messages.${index}`;
  if (!isRecord(message)) throw new Refusal(`${at}: Input should be a valid dictionary`);
  if (message.role !== 'user' && message.role !== 'assistant') {
    throw new Refusal(`messages: Unexpected role "${message.role}". Allowed roles are "user" or "assistant".`);
  }
  checkContent(`${at}.content`, message.content);
  return message;
}

function checkContent(at: string, content: unknown): void {
  if (typeof content === 'string') {
    if (content === '' && at !== 'system') throw new Refusal(`${at}: text content must be non-empty`);
    return;
  }
  if (!isArray(content)) throw new Refusal(`${at}: Input should be a string or a list of blocks`);
  for (const [index, block] of content.entries()) {
    if (!isRecord(block) || typeof block.type !== 'string') throw new Refusal(`${at}.${index}.type: Field required`);
    if (block.type === 'text' && (typeof block.text !== 'string' || block.text.trim() === '')) {
      throw new Refusal(`${at}.${index}: text content blocks must contain non-whitespace text`);
    }
  }
}

function readTools(tools: unknown): OfferedTool[] {
  if (tools === undefined) return [];
  if (!isArray(tools)) throw new Refusal('tools: Input should be a valid array');
  return tools.map((tool, index) => {
    if (!isRecord(tool) || typeof tool.name !== 'string') throw new Refusal(`tools.${index}.name: Field required`);
    // Tools with another type run at the provider and have no schema.
    const custom = tool.type === undefined || tool.type === 'custom';
    if (custom && !isRecord(tool.input_schema)) throw new Refusal(`tools.${index}.input_schema: Field required`);
    return { name: tool.name, schema: tool.input_schema };
  });
}

function readChoice(choice: unknown): ToolChoice {
  if (choice === undefined) return 'auto';
  if (!isRecord(choice)) throw new Refusal('tool_choice: Input should be a valid dictionary');
  switch (choice.type) {
    case 'auto':
    case 'none':
      return choice.type;
    case 'any':
      return 'required';
    case 'tool':
      return { name: String(choice.name) };
    default:
      throw new Refusal(`tool_choice: Input tag '${choice.type}' does not match any of: 'auto', 'any', 'tool', 'none'`);
  }
}

function holdsToolResult(content: unknown): boolean {
  return isArray(content) && content.some((block) => isRecord(block) && block.type === 'tool_result');
}
