/**
 * The input of a tool: a tree here, JSON as text in the neutral form. A text that is no JSON object (a call that was cut
 * off, or that its model wrote wrongly) stands under a name that says so, the form that Anthropic gives for it
 * (platform.claude.com/docs/en/agents-and-tools/tool-use/fine-grained-tool-streaming), and comes back as it was.
 */
import { asRecord, asString, type JsonRecord } from '../shared/json.ts';
import { parseExact } from '../wire/exact-json.ts';

const INVALID = 'INVALID_JSON';

/** The tree of a text. Without arguments, some clients send an empty string and others send {}. */
export function inputOf(text: string): JsonRecord {
  return asRecord(parseExact(text || '{}')) ?? { [INVALID]: text };
}

/** The text of a tree. */
export function textOfInput(input: JsonRecord): string {
  const invalid = Object.keys(input).length === 1 ? asString(input[INVALID]) : null;
  return invalid ?? JSON.stringify(input);
}
