/**
 * What is known of Gemini's models by their names: `gemini-2.5-flash`, `google/gemini-3.1-pro-preview`. Only models of the past
 * are listed: of a name without a version (`gemini-flash-latest`) what the newest does is assumed, and nothing of a name that
 * is not Gemini's. As of November 2026 (ai.google.dev/gemini-api/docs/generate-content/thinking, …/thought-signatures).
 */

const named = /(?:^|[/.])gemini-(?:[a-z-]*?(\d{1,2})(?:\.(\d{1,2}))?(?![\d]))?/;

/** 205 for 2.5; infinite for a name without a version; null for a name that is not Gemini's. */
function versionOf(model: string): number | null {
  const [found, major, minor] = named.exec(model) ?? [];
  if (found === undefined) return null;
  return major === undefined ? Number.POSITIVE_INFINITY : Number(major) * 100 + Number(minor ?? 0);
}

/** In place of the signature of a call that another model, or another account, has made. */
export const UNSIGNED = 'skip_thought_signature_validator';

/** Models since version 3 refuse a history whose calls lack the signature that they were made with. */
export function needsSignatures(model: string): boolean {
  return (versionOf(model) ?? 0) >= 300;
}

/** Whether what a tool gives back may hold media: models before version 3 take them beside it. */
export function takesMediaOfTools(model: string): boolean {
  return (versionOf(model) ?? 0) >= 300;
}

/** How a model is told how much to think: by a level, by a number of tokens, or not at all. */
export function thinkingIn(model: string): 'level' | 'tokens' | 'nothing' {
  const version = versionOf(model);
  if (version === null || version < 205) return /robotics-er-1\.5/.test(model) ? 'tokens' : 'nothing';
  return version < 300 ? 'tokens' : 'level';
}

/** Whether a model can be told not to think. Of those that are told by a level, none can. */
export function canRefrainFromThinking(model: string): boolean {
  return thinkingIn(model) === 'tokens' && !model.includes('-pro');
}

/** Whether the lowest level is one below `LOW`. */
export function hasMinimalLevel(model: string): boolean {
  if (model.includes('-pro')) return false;
  return model.includes('flash-lite') || (versionOf(model) ?? 0) < 307;
}

/** Whether there is a level between `LOW` and `HIGH`. */
export function hasMediumLevel(model: string): boolean {
  return !/gemini-3-pro/.test(model);
}
