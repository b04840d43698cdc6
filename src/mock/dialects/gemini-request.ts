/**
 * Reads a request of `generateContent`. It is as strict as the real provider where a translation easily makes mistakes: unknown
 * fields, roles, empty contents, what tools gave back without a name or without a call, and calls without their signatures.
 */
import type { Ask } from './ask.ts';
import { tokensOf } from './content.ts';
import { Refusal } from './dialect.ts';
import { isAbsentOrWhole, isAbsentOrWithin, isArray, isRecord } from './json-reading.ts';
import { chooseTool, type OfferedTool, type ToolChoice } from './tool-call.ts';

const fields = new Set(
  'contents systemInstruction tools toolConfig generationConfig safetySettings cachedContent serviceTier labels store'.split(
    ' ',
  ),
);
const configFields = new Set(
  (
    'temperature topP topK candidateCount maxOutputTokens stopSequences seed presencePenalty frequencyPenalty responseMimeType ' +
    'responseSchema responseJsonSchema responseLogprobs logprobs thinkingConfig responseModalities speechConfig mediaResolution'
  ).split(' '),
);
const kinds = ['text', 'functionCall', 'functionResponse', 'inlineData', 'fileData'];

type Part = Readonly<Record<string, unknown>>;

interface Content {
  readonly role: string;
  readonly parts: readonly Part[];
}

/** What the path says of a request. */
interface AskedPath {
  readonly model: string;
  readonly stream: boolean;
}

/** Reads the body. Throws `Refusal`. */
export function readGenerateRequest(body: unknown, { model, stream }: AskedPath): Ask {
  if (!isRecord(body)) throw new Refusal('Invalid JSON payload received. Root element must be a message.');
  checkFields(body, fields, '');
  const config = body.generationConfig ?? {};
  if (!isRecord(config)) throw invalid('generation_config');
  checkFields(config, configFields, ' at "generation_config"');
  if (!isAbsentOrWhole(config.maxOutputTokens, 1)) throw invalid('generation_config.max_output_tokens');
  if (!isAbsentOrWithin(config.temperature, 0, 2)) throw invalid('generation_config.temperature');
  if (!isArray(body.contents) || body.contents.length === 0) {
    throw new Refusal('* GenerateContentRequest.contents: contents is not specified');
  }
  const contents = body.contents.map(readContent);
  checkCalls(contents, model);
  const prompt = textOf(contents.findLast(({ role, parts }) => role === 'user' && textOf(parts) !== '')?.parts);
  const system = isRecord(body.systemInstruction) ? readContent(body.systemInstruction, 0).parts : [];
  const characters = contents.reduce((sum, { parts }) => sum + textOf(parts).length, textOf(system).length);
  const isAnswered = contents.at(-1)?.parts.some((part) => part.functionResponse !== undefined) === true;
  return {
    model,
    stream,
    includeUsage: true,
    prompt,
    promptTokens: tokensOf(characters),
    maxTokens: typeof config.maxOutputTokens === 'number' ? config.maxOutputTokens : null,
    tool: chooseTool(readTools(body.tools), readChoice(body.toolConfig), prompt, isAnswered),
  };
}

function checkFields(record: Readonly<Record<string, unknown>>, known: ReadonlySet<string>, at: string): void {
  const extra = Object.keys(record).find((name) => !known.has(name));
  if (extra !== undefined) {
    throw new Refusal(`Invalid JSON payload received. Unknown name "${extra}"${at}: Cannot find field.`);
  }
}

function invalid(field: string): Refusal {
  return new Refusal(`Invalid value at '${field}'`);
}

function readContent(value: unknown, index: number): Content {
  if (!isRecord(value) || !isArray(value.parts)) throw invalid(`contents[${index}]`);
  const { role = 'user' } = value;
  if (role !== 'user' && role !== 'model') throw new Refusal('Please use a valid role: user, model.');
  if (value.parts.length === 0)
    throw new Refusal(`* GenerateContentRequest.contents[${index}].parts: contents.parts must not be empty.`);
  const parts = value.parts.map((part) => {
    if (!isRecord(part) || kinds.filter((kind) => part[kind] !== undefined).length !== 1) {
      throw new Refusal(
        `* GenerateContentRequest.contents[${index}].parts: required oneof field 'data' must have one initialized field`,
      );
    }
    return part;
  });
  return { role, parts };
}

/** Each content of calls is followed by as many answers, under their names. */
function checkCalls(contents: readonly Content[], model: string): void {
  for (const [index, { role, parts }] of contents.entries()) {
    const calls = parts.filter((part) => part.functionCall !== undefined);
    const before = contents[index - 1]?.parts.filter((part) => part.functionCall !== undefined) ?? [];
    const answers = parts.flatMap(({ functionResponse: answer }) => (answer === undefined ? [] : [answer]));
    if (answers.some((answer) => !isRecord(answer) || typeof answer.name !== 'string' || !isRecord(answer.response))) {
      throw new Refusal('* GenerateContentRequest.contents: function_response.name: Name cannot be empty.');
    }
    if (role === 'user' && answers.length !== before.length) {
      throw new Refusal(
        'Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.',
      );
    }
    if (calls.length > 0 && /gemini-[3-9]/.test(model) && typeof calls[0]?.thoughtSignature !== 'string') {
      throw new Refusal('Function call is missing a thought_signature in functionCall parts.');
    }
  }
}

function textOf(parts: readonly Part[] | undefined): string {
  return (parts ?? []).map(({ text, thought }) => (typeof text === 'string' && thought !== true ? text : '')).join('');
}

function readTools(tools: unknown): OfferedTool[] {
  if (tools === undefined) return [];
  if (!isArray(tools)) throw invalid('tools');
  return tools.flatMap((tool) => {
    const declared = isRecord(tool) && isArray(tool.functionDeclarations) ? tool.functionDeclarations : [];
    return declared.map((declaration) => {
      if (!isRecord(declaration) || typeof declaration.name !== 'string')
        throw invalid('tools[0].function_declarations');
      return { name: declaration.name, schema: declaration.parametersJsonSchema ?? declaration.parameters };
    });
  });
}

function readChoice(value: unknown): ToolChoice {
  const config = isRecord(value) && isRecord(value.functionCallingConfig) ? value.functionCallingConfig : {};
  const allowed = isArray(config.allowedFunctionNames) ? config.allowedFunctionNames : [];
  switch (config.mode) {
    case undefined:
    case 'AUTO':
    case 'VALIDATED':
      return 'auto';
    case 'NONE':
      return 'none';
    case 'ANY':
      return typeof allowed[0] === 'string' ? { name: allowed[0] } : 'required';
    default:
      throw invalid('tool_config.function_calling_config.mode');
  }
}
