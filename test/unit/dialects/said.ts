/** What a request says, in words that no dialect owns, and how it is found in one of Converse, which no client speaks. */
import { asArray, asRecord, asString, type JsonRecord } from '../../../src/shared/json.ts';

/** Each thing under a name; texts without what only joins them. */
export interface Said {
  readonly texts: string;
  readonly results: readonly string[];
  readonly calls: readonly string[];
  readonly media: readonly string[];
  readonly thoughts: readonly string[];
  readonly marks: number;
  readonly isStrict: boolean;
  readonly stops: readonly string[];
  readonly temperature: number | null;
  readonly wishes: Readonly<Record<'effort' | 'schema' | 'user' | 'topK' | 'thinking', unknown>>;
}

const records = (list: unknown): JsonRecord[] => asArray(list).map((each) => asRecord(each) ?? {});

/** An object, if it is one. */
function maybe(value: unknown): JsonRecord[] {
  const record = asRecord(value);
  return record === null ? [] : [record];
}

function textOf(blocks: readonly JsonRecord[]): string {
  return blocks.map(({ text }) => asString(text) ?? '').join('');
}

function mediaIn({ image, document }: JsonRecord): string[] {
  const bytes = (value: unknown) => String(asRecord(asRecord(value)?.source)?.bytes);
  if (image !== undefined) return [`image ${bytes(image)}`];
  return document === undefined ? [] : [`file ${bytes(document)}`];
}

/** As Bedrock reads it. */
export function saidInConverse(payload: JsonRecord): Said {
  const blocks = records(payload.messages).flatMap(({ content }) => records(content));
  const results = blocks.flatMap(({ toolResult }) => maybe(toolResult));
  const inner = results.flatMap(({ content }) => records(content));
  const inference = asRecord(payload.inferenceConfig) ?? {};
  const own = asRecord(payload.additionalModelRequestFields) ?? {};
  const output = asRecord(payload.outputConfig) ?? {};
  const structure = asRecord(asRecord(output.textFormat)?.structure);
  const schema = asString(asRecord(structure?.jsonSchema)?.schema);
  const [tool] = records(asRecord(payload.toolConfig)?.tools);
  return {
    texts: textOf([...records(payload.system), ...blocks]),
    results: results.map(({ toolUseId, content }) => `${String(toolUseId)} ${textOf(records(content))}`),
    calls: blocks
      .flatMap(({ toolUse }) => maybe(toolUse))
      .map(({ toolUseId, name, input }) => `${String(toolUseId)} ${String(name)} ${JSON.stringify(input)}`),
    media: [...blocks, ...inner].flatMap(mediaIn).sort(),
    thoughts: blocks
      .flatMap(({ reasoningContent }) => maybe(asRecord(reasoningContent)?.reasoningText))
      .map(({ text, signature }) => `${String(text)} ${String(signature)}`),
    marks: blocks.filter(({ cachePoint }) => cachePoint !== undefined).length,
    isStrict: asRecord(tool?.toolSpec)?.strict === true,
    stops: asArray(inference.stopSequences).map(String),
    temperature: typeof inference.temperature === 'number' ? inference.temperature : null,
    wishes: {
      effort: output.effort ?? own.reasoning_effort ?? null,
      schema: schema === null ? null : JSON.parse(schema),
      user: null,
      topK: own.top_k ?? asRecord(own.inferenceConfig)?.topK ?? null,
      thinking: own.thinking ?? null,
    },
  };
}
