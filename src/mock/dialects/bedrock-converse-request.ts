/**
 * Reads a request of Converse. It is as strict as the real provider where a translation easily makes mistakes: roles that
 * alternate, blocks with one member, blank texts, tools that are called and not declared, results without their call.
 */
import type { Ask } from './ask.ts';
import { tokensOf } from './content.ts';
import { Refusal } from './dialect.ts';
import { isAbsentOrWhole, isAbsentOrWithin, isArray, isRecord, textOf } from './json-reading.ts';
import { chooseTool, type OfferedTool, type ToolChoice } from './tool-call.ts';

/** Its first group: the model, encoded. */
export const conversePath = /^\/model\/([^/]+)\/converse(-stream)?$/;

const fields = new Set(
  (
    'messages system inferenceConfig toolConfig guardrailConfig additionalModelRequestFields promptVariables ' +
    'additionalModelResponseFieldPaths requestMetadata performanceConfig serviceTier outputConfig'
  ).split(' '),
);
const blockKinds = new Set(
  (
    'text image document video audio toolUse toolResult guardContent cachePoint reasoningContent citationsContent ' +
    'searchResult'
  ).split(' '),
);

type Block = Record<string, unknown>;

/** Reads the body. Throws `Refusal`. */
export function readConverseRequest(body: unknown, path: string): Ask {
  const [, model = '', streaming] = conversePath.exec(path) ?? [];
  if (!isRecord(body)) throw new Refusal('The request body is not a JSON object');
  const extra = Object.keys(body).find((field) => !fields.has(field));
  if (extra !== undefined) throw new Refusal(`Unexpected field ${extra}`);
  const inference = isRecord(body.inferenceConfig) ? body.inferenceConfig : {};
  if (!isAbsentOrWhole(inference.maxTokens, 1)) throw new Refusal('maxTokens must be at least 1');
  if (!isAbsentOrWithin(inference.temperature, 0, 1)) throw new Refusal('temperature must be between 0 and 1');
  if (!isAbsentOrWithin(inference.topP, 0, 1)) throw new Refusal('topP must be between 0 and 1');
  const system = body.system === undefined ? [] : blocksIn('system', body.system);
  if (!isArray(body.messages) || body.messages.length === 0) throw new Refusal('messages must not be empty');
  const turns = body.messages.map(readTurn);
  turns.forEach(({ role }, index) => {
    const expected = index % 2 === 0 ? 'user' : 'assistant';
    if (role !== expected) throw new Refusal('A conversation must alternate between user and assistant roles');
  });
  const tools = readTools(body.toolConfig);
  checkCalls(turns, tools.length > 0);
  const asked = turns.findLast(({ role, content }) => role === 'user' && textOf(content) !== '');
  const prompt = textOf(asked?.content);
  const characters = turns.reduce((sum, { content }) => sum + textOf(content).length, textOf(system).length);
  const endsInResult = turns.at(-1)?.content.some(({ toolResult }) => toolResult !== undefined) === true;
  return {
    model: decodeURIComponent(model),
    stream: streaming !== undefined,
    includeUsage: true,
    prompt,
    promptTokens: tokensOf(characters),
    maxTokens: typeof inference.maxTokens === 'number' ? inference.maxTokens : null,
    tool: chooseTool(tools, readChoice(body.toolConfig), prompt, endsInResult),
  };
}

function readTurn(turn: unknown, index: number): { readonly role: unknown; readonly content: readonly Block[] } {
  if (!isRecord(turn)) throw new Refusal(`messages.${index} must be an object`);
  const content = blocksIn(`messages.${index}.content`, turn.content);
  if (content.length === 0) throw new Refusal(`messages.${index}.content must not be empty`);
  return { role: turn.role, content };
}

function blocksIn(at: string, value: unknown): readonly Block[] {
  if (!isArray(value)) throw new Refusal(`${at} must be a list`);
  return value.map((block, index) => {
    const [kind = '', ...others] = isRecord(block) ? Object.keys(block) : [];
    if (!isRecord(block) || others.length > 0 || !blockKinds.has(kind)) {
      throw new Refusal(`${at}.${index} must have one member that is known, not ${kind} and ${others.join()}`);
    }
    if (kind === 'text' && (typeof block.text !== 'string' || block.text.trim() === '')) {
      throw new Refusal(`The text field in the ContentBlock object at ${at}.${index} is blank.`);
    }
    return block;
  });
}

/** A call needs a tool, and the turn behind it a result for each. */
function checkCalls(turns: readonly { readonly content: readonly Block[] }[], hasTools: boolean): void {
  let waiting = new Set<unknown>();
  for (const { content } of turns) {
    const results = content.flatMap(({ toolResult }) => (isRecord(toolResult) ? [toolResult] : []));
    const calls = content.flatMap(({ toolUse }) => (isRecord(toolUse) ? [toolUse] : []));
    if (results.length + calls.length > 0 && !hasTools) {
      throw new Refusal('The toolConfig field must be defined when using toolUse and toolResult content blocks.');
    }
    const given = new Set(results.map(({ toolUseId }) => toolUseId));
    if (given.size !== waiting.size || ![...given].every((id) => waiting.has(id)) || results.length > given.size) {
      throw new Refusal('Expected one toolResult for each toolUse of the previous turn');
    }
    for (const { toolUseId, name, input } of calls) {
      if (!/^[\w-]{1,64}$/.test(String(toolUseId)) || !/^[\w-]{1,64}$/.test(String(name)) || !isRecord(input)) {
        throw new Refusal('toolUse needs an id and a name of at most 64 letters, and an object as its input');
      }
    }
    waiting = new Set(calls.map(({ toolUseId }) => toolUseId));
    if (waiting.size < calls.length) throw new Refusal('toolUse ids must be unique');
  }
}

function readTools(config: unknown): OfferedTool[] {
  if (config === undefined) return [];
  if (!isRecord(config) || !isArray(config.tools) || config.tools.length === 0) {
    throw new Refusal('toolConfig.tools must not be empty');
  }
  return config.tools.flatMap((tool, index) => {
    if (isRecord(tool) && isRecord(tool.cachePoint)) return [];
    const spec = isRecord(tool) && isRecord(tool.toolSpec) ? tool.toolSpec : {};
    const schema = isRecord(spec.inputSchema) ? spec.inputSchema.json : undefined;
    if (!/^[\w-]{1,64}$/.test(String(spec.name)) || !isRecord(schema) || schema.type !== 'object') {
      throw new Refusal(`toolConfig.tools.${index}.toolSpec needs a name and an object as its schema`);
    }
    return [{ name: String(spec.name), schema }];
  });
}

function readChoice(config: unknown): ToolChoice {
  const choice = isRecord(config) && isRecord(config.toolChoice) ? config.toolChoice : { auto: {} };
  if (isRecord(choice.tool)) return { name: String(choice.tool.name) };
  if (choice.any !== undefined) return 'required';
  if (choice.auto !== undefined) return 'auto';
  throw new Refusal('toolChoice must be auto, tool or any');
}
