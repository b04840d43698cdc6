/**
 * Redacts secrets by value: patterns would miss what they have not seen. A secret is found however its characters are
 * escaped, and inside base64 (`secret-forms.ts`).
 */
import { parseJson } from '../json.ts';
import { formsOf, plainText, type SecretForm } from './secret-forms.ts';

const REDACTED = '[redacted]';

/** To look for each of so few is quicker than for their beginnings. */
const FEW_FORMS = 100;

/** A shorter key is no secret: local servers want any word, and it would be replaced within ordinary words. */
const MIN_SECRET_LENGTH = 8;

/** Of secrets that end by themselves, so many are kept: those of every provider, and some that they have replaced. */
const MOST_PASSING = 200;

/** Redacts known secrets in text. It keeps old secrets too, since a request may still carry an old key. */
export class Redactor {
  readonly #known = new Map<string, readonly SecretForm[]>();
  /** Those that end by themselves, oldest first. */
  #passing: readonly string[] = [];
  /** Longest first, so that no part of a secret that contains another one is left. */
  #forms: SecretForm[] = [];
  #shortest = Number.POSITIVE_INFINITY;
  /** How the forms begin: asked first where there are many, as with a thousand keys of clients. */
  #beginnings: ReadonlySet<string> = new Set();

  constructor(secrets: readonly string[] = []) {
    this.know(secrets);
  }

  /** Adds secrets, such as those of a reloaded configuration; those that cannot be secret are ignored. */
  know(secrets: readonly string[]): void {
    this.#add(secrets);
    this.#lookFor([...this.#known.values()].flat());
  }

  /** Adds secrets that end by themselves and are replaced all the time: of these only the last are kept. */
  knowPassing(secrets: readonly string[]): void {
    this.#passing = [...this.#passing, ...this.#add(secrets)];
    for (const old of this.#passing.slice(0, -MOST_PASSING)) this.#known.delete(old);
    this.#passing = this.#passing.slice(-MOST_PASSING);
    this.#lookFor([...this.#known.values()].flat());
  }

  /** Returns those that were not known. */
  #add(secrets: readonly string[]): readonly string[] {
    const fresh = [...new Set(secrets)].filter((secret) => canBeSecret(secret) && !this.#known.has(secret));
    for (const secret of fresh) this.#known.set(secret, formsOf(secret));
    return fresh;
  }

  #lookFor(forms: readonly SecretForm[]): void {
    this.#forms = forms.toSorted((a, b) => b.plain.length - a.plain.length);
    this.#shortest = this.#forms.at(-1)?.plain.length ?? Number.POSITIVE_INFINITY;
    this.#beginnings = new Set(forms.map(({ plain }) => plain.slice(0, this.#beginningLength)));
  }

  /**
   * Replaces each secret in a text. In JSON only texts are looked at, and names that hold a long secret: a replaced
   * digit or short name would make another document of it.
   */
  redact(text: string): string {
    const found = this.#in(text, this.#forms);
    if (found.length === 0) return text;
    if (!/^\s*[{[]/.test(text) || parseJson(text) === undefined) return replace(text, found);
    const long = found.filter(({ isLong }) => isLong);
    return text.replace(JSON_STRING, (literal: string, quoted: string, colon: string) => {
      const value = parseJson(quoted);
      if (typeof value !== 'string') return literal;
      const redacted = replace(value, this.#in(value, colon === '' ? found : long));
      return redacted === value ? literal : JSON.stringify(redacted) + colon;
    });
  }

  #in(text: string, forms: readonly SecretForm[]): SecretForm[] {
    if (text.length < this.#shortest) return [];
    const plain = plainText(text);
    const texts = plain === text ? [text] : [text, plain];
    const worth = texts.filter((candidate) => this.#mayHold(candidate));
    return worth.length === 0 ? [] : forms.filter((form) => worth.some((candidate) => candidate.includes(form.plain)));
  }

  #mayHold(text: string): boolean {
    if (this.#forms.length <= FEW_FORMS) return true;
    const length = this.#beginningLength;
    for (let at = 0; at + length <= text.length; at += 1) {
      if (this.#beginnings.has(text.slice(at, at + length))) return true;
    }
    return false;
  }

  get #beginningLength(): number {
    return Math.min(this.#shortest, MIN_SECRET_LENGTH);
  }
}

function replace(text: string, forms: readonly SecretForm[]): string {
  return forms.reduce((redacted, { pattern }) => redacted.replace(pattern, REDACTED), text);
}

/** A string of JSON, and the colon after it if it is a name. */
const JSON_STRING = /("(?:[^"\\]|\\.)*")(\s*:|)/g;

/** Words of at least that length which configurations give to servers that want no key. */
const dummies = new Set([
  'not-needed',
  'no-key-needed',
  'no-key-required',
  'no-api-key',
  'not-required',
  'not-used',
  'unused-key',
  'lm-studio',
  'placeholder',
  'changeme',
  'change-me',
  'dummy-key',
  'dummy-api-key',
  'fake-key',
  'fake-api-key',
  'test-key',
  'undefined',
  'sk-dummy',
  'sk-no-key-required',
]);

function canBeSecret(text: string): boolean {
  return text.length >= MIN_SECRET_LENGTH && !dummies.has(text.toLowerCase());
}
