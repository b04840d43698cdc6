/** Reads a request of `generateContent` as Gemini does. */
import { asArray, asRecord, asString, type JsonRecord } from '../../../src/shared/json.ts';
import type { ReadRequest, ToolWanted } from '../wanted.ts';

const modes: Readonly<Record<string, string>> = { AUTO: 'auto', VALIDATED: 'auto', ANY: 'required', NONE: 'none' };

/** @param body as it came */
export function readGemini(body: unknown): ReadRequest {
  const request = asRecord(body) ?? {};
  const config = asRecord(request.generationConfig) ?? {};
  const calling = asRecord(asRecord(request.toolConfig)?.functionCallingConfig);
  const [allowed] = asArray(calling?.allowedFunctionNames);
  const declared = asArray(request.tools).flatMap((tool) => asArray(asRecord(tool)?.functionDeclarations));
  return {
    system: asArray(asRecord(request.systemInstruction)?.parts)
      .map((part) => String(asRecord(part)?.text))
      .join('\n'),
    lines: asArray(request.contents).flatMap((content) => linesOf(asRecord(content) ?? {})),
    tools: declared.map(readTool),
    choice: asString(allowed) ?? modes[String(calling?.mode)] ?? 'auto',
    // It has no such word.
    parallel: null,
    schema: config.responseMimeType === 'application/json' ? config.responseJsonSchema : null,
    limit: typeof config.maxOutputTokens === 'number' ? config.maxOutputTokens : null,
    stop: asArray(config.stopSequences).map(String),
  };
}

function linesOf({ role, parts }: JsonRecord): string[] {
  const by = role === 'model' ? 'assistant' : 'user';
  return asArray(parts).map((value) => {
    const part = asRecord(value) ?? {};
    const { functionCall: call, functionResponse: result, inlineData: media, text, thought } = part;
    const [called, answered, shown] = [call, result, media].map(asRecord);
    if (called) return `call ${String(called.id)} ${String(called.name)} ${JSON.stringify(called.args)}`;
    if (answered) return `result ${String(answered.id)} ${String(asRecord(answered.response)?.output)}`;
    if (shown) return `${by} image data:${String(shown.mimeType)};base64,${String(shown.data)}`;
    return thought === true ? `thought ${String(text)}` : `${by} ${String(text)}`;
  });
}

function readTool(value: unknown): ToolWanted {
  const { name, description, parametersJsonSchema: schema } = asRecord(value) ?? {};
  return { name: String(name), description: String(description), schema: asRecord(schema) ?? {} };
}
