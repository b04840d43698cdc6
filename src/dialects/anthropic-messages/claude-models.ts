/**
 * What Anthropic's models refuse, told by their names: `claude-sonnet-4-5-20250929`, `us.anthropic.claude-opus-4-6-v1`,
 * `claude-3-7-sonnet-latest`. Only models of the past are listed: nothing is assumed of a name that is not Claude's, and of
 * a new one what the last of its kind does. As of November 2026 (platform.claude.com/docs/en/about-claude/models).
 */

interface ClaudeModel {
  readonly family: string;
  /** 405 for 4.5. */
  readonly version: number;
}

const named =
  /claude-(?:(opus|sonnet|haiku|fable|mythos)-(\d)(?:[-.](\d{1,2}))?(?!\d)|(\d)(?:[-.](\d))?-(opus|sonnet|haiku))/;

function claudeOf(model: string): ClaudeModel | null {
  const [, family, major, minor, oldMajor, oldMinor, oldFamily] = named.exec(model) ?? [];
  const name = family ?? oldFamily;
  if (name === undefined) return null;
  return { family: name, version: Number(major ?? oldMajor) * 100 + Number(minor ?? oldMinor ?? 0) };
}

/** Models since Claude 4.7 refuse every request with temperature, top_p or top_k, whatever the value. */
export function refusesSampling(model: string): boolean {
  return model.includes('claude-') && !takesSampling.test(model);
}

/** Matches every Claude up to 4.6. */
const takesSampling = /claude-(?:2|3|instant|(?:opus|sonnet|haiku)-4(?:[-.][0-6])?(?!\d|[-.][7-9]))/;

/** Models that decide by themselves when to think cannot be made to call a tool. */
export function refusesForcedTools(model: string): boolean {
  const claude = claudeOf(model);
  switch (claude?.family) {
    case 'opus':
    case 'sonnet':
      return claude.version >= 505;
    case 'fable':
    case 'mythos':
      return claude.version >= 501;
    default:
      return false;
  }
}

/** Models since Claude 4.6 do not go on with an answer that the client has begun. */
export function refusesPrefill(model: string): boolean {
  return (claudeOf(model)?.version ?? 0) >= 406;
}

/** How a model is told how much effort an answer is worth: in words, in tokens for thoughts, or not at all. */
export function effortIn(model: string): 'words' | 'tokens' | 'nothing' {
  if (/claude-(?:2|instant)/.test(model)) return 'nothing';
  const claude = claudeOf(model);
  if (claude === null) return 'words';
  if (claude.version < 307) return 'nothing';
  return claude.version < 405 || (claude.version === 405 && claude.family !== 'opus') ? 'tokens' : 'words';
}

/** The highest word for effort that a model takes; null if it takes all of them. */
export function highestEffort(model: string): 'high' | 'max' | null {
  const version = claudeOf(model)?.version ?? Number.POSITIVE_INFINITY;
  if (version <= 405) return 'high';
  return version === 406 ? 'max' : null;
}

/** Whether a model thinks by itself and shows nothing of it, unless it is asked to. */
export function hidesThoughts(model: string): boolean {
  return (claudeOf(model)?.version ?? 0) >= 500;
}

/** Whether a model thinks unless it is told not to. */
export function thinksByItself(model: string): boolean {
  return (claudeOf(model)?.version ?? Number.POSITIVE_INFINITY) >= 500;
}

/** Whether a model's answers and calls can be held to a schema. */
export function hasStrictAnswers(model: string): boolean {
  return (claudeOf(model)?.version ?? 0) >= 405;
}

/** Whether it can be kept, from outside of Anthropic's own API, from calling several tools at once. */
export function callsOneByOne(model: string): boolean {
  return hasStrictAnswers(model);
}
