/** What the addresses of Gemini's own API have in common, wherever it is spoken. */

/** The model and its method. @param model by its name at Google, as it is */
export function generatePath(model: string, stream: boolean): string {
  return `${encodeURIComponent(model)}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`;
}
