/**
 * The tools that a client of this dialect offers, under the names by which other dialects call them:
 *
 *   function   f                 → f
 *   custom     f, with any text  → f, a function whose one argument is that text
 *   namespace  n with a tool f   → n__f
 *
 * A call that comes back is turned round by the same table, so that clients see the tool that they have offered.
 */
import { asArray, asRecord, asString, type JsonRecord } from '../../shared/json.ts';
import { takenName } from '../tool-names.ts';

/** A tool by the client's own names. */
export interface ClientTool {
  readonly name: string;
  readonly namespace: string | null;
  /** Its input is a text of any form, not JSON. */
  readonly isCustom: boolean;
}

interface ListedTool {
  readonly tool: JsonRecord | null;
  readonly namespace: string | null;
  /** Such as `tools[1].tools[0]`. */
  readonly path: string;
}

/** Where a text of a custom tool stands in the arguments of its function. */
export const CUSTOM_INPUT = 'input';

/** OpenAI and Anthropic take no longer ones, and these characters alone. */
const LONGEST_NAME = 64;

/** All lists of tools in a request: its own, and those that agents add in the input when they have found more. */
export function toolLists({ tools, input }: JsonRecord): { readonly tools: unknown; readonly path: string }[] {
  const added = asArray(input).flatMap((value, position) => {
    const item = asRecord(value);
    return item?.type === 'additional_tools' ? [{ tools: item.tools, path: `input[${position}].tools` }] : [];
  });
  return [{ tools, path: 'tools' }, ...added];
}

/** The tools of a list, with those of its namespaces in their places. @param at where the list stands */
export function listedTools(tools: unknown, at = 'tools'): ListedTool[] {
  return asArray(tools).flatMap((value, position): ListedTool[] => {
    const tool = asRecord(value);
    const path = `${at}[${position}]`;
    const namespace = tool?.type === 'namespace' ? asString(tool.name) : null;
    if (tool === null || namespace === null) return [{ tool, namespace: null, path }];
    return asArray(tool.tools).map((inner, index) => ({
      tool: asRecord(inner),
      namespace,
      path: `${path}.tools[${index}]`,
    }));
  });
}

/** The name under which other dialects know a tool. */
export function calledName(namespace: string | null, name: string): string {
  return namespace === null ? name : takenName(`${namespace}__${name}`, LONGEST_NAME);
}

/** By the names under which they are called. @param tools as the client sent them */
export function clientTools(tools: unknown): ReadonlyMap<string, ClientTool> {
  const found = new Map<string, ClientTool>();
  for (const { tool, namespace } of listedTools(tools)) {
    const name = asString(tool?.name);
    if (name === null) continue;
    found.set(calledName(namespace, name), { name, namespace, isCustom: tool?.type === 'custom' });
  }
  return found;
}
