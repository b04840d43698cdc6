/**
 * Which reasoning of a request a provider has left out, since it could not check who made it. It tells so in its answer,
 * `input_transformations[]`, at Anthropic (`reason` such as `organization_binding_mismatch`) and at OpenAI
 * (`organization_mismatch`) alike.
 */
import { type DroppedReasoning, droppedReasoning } from '../shared/events.ts';
import { asArray, asRecord, asString } from '../shared/json.ts';

/** More are not counted: an answer may name anything. */
const MOST = 100;

/** The reasons, one for each block that was left out; empty where the answer names none. */
export function droppedReasoningIn(transformations: unknown): readonly DroppedReasoning[] {
  const found = asArray(transformations).slice(0, MOST).map(asRecord);
  return found.filter((each) => each !== null && isDrop(each.type, each.action)).map((each) => reasonOf(each?.reason));
}

function isDrop(type: unknown, action: unknown): boolean {
  return type === 'thinking_dropped' || (type === 'reasoning' && action === 'removed');
}

function reasonOf(value: unknown): DroppedReasoning {
  const word = (asString(value) ?? '').replace(/(?:_binding)?_mismatch$/, '');
  return droppedReasoning.find((reason) => reason === word) ?? 'other';
}
