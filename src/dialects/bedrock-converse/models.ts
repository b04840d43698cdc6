/**
 * What the models on Bedrock take, told by their names: `us.anthropic.claude-opus-4-6-v1`, `amazon.nova-pro-v1:0`. Nothing is
 * assumed of a name that hides its maker, such as the ARN of a profile: what the client asks for is sent. As of November 2026
 * (docs.aws.amazon.com/bedrock/latest/userguide, "Supported foundation models" and the pages of the features).
 */
import { effortIn, hasStrictAnswers } from '../anthropic-messages/claude-models.ts';

/** Of Anthropic's. */
export function isClaude(model: string): boolean {
  return model.includes('claude-');
}

/** Of Amazon's. */
export function isNova(model: string): boolean {
  return /\bamazon\.nova-/.test(model);
}

/** A name that does not say whose the model is. */
function isHidden(model: string): boolean {
  return (
    model.startsWith('arn:') && !/\b(?:anthropic|amazon|meta|mistral|cohere|ai21|openai|qwen|deepseek)\./.test(model)
  );
}

/** Whether it keeps what bears a mark; others refuse a request with one. */
export function takesCachePoints(model: string): boolean {
  return isClaude(model) || isNova(model) || isHidden(model);
}

/** Whether it reads what Claude has signed. */
export function takesSignatures(model: string): boolean {
  return isClaude(model) || isHidden(model);
}

/** Whether it is told that a tool has failed. */
export function takesStatus(model: string): boolean {
  return isClaude(model) || isNova(model) || isHidden(model);
}

/** Makers none of whose models can be held to a schema. */
const looseMakers = /\b(?:amazon|meta|cohere|ai21|writer)\./;

/** Whether its answers and calls can be held to a schema. */
export function takesSchemas(model: string): boolean {
  return isClaude(model) ? hasStrictAnswers(model) : !looseMakers.test(model);
}

/** How it is told how much effort an answer is worth; null if it is not. */
export function effortOf(model: string): 'claude' | 'openai' | 'nova' | null {
  if (isClaude(model)) return effortIn(model) === 'nothing' ? null : 'claude';
  if (/\bopenai\./.test(model)) return 'openai';
  return /\bamazon\.nova-2-/.test(model) ? 'nova' : null;
}
