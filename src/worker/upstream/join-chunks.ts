/** The bytes of several chunks; of a single one, which is what nearly all bodies are, that one itself. */
export function joined(chunks: readonly Buffer[]): Buffer {
  const [only] = chunks;
  return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks);
}
