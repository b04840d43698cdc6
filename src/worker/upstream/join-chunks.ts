/** The bytes of all chunks in one buffer. Nearly all bodies are a single chunk, which is returned without a copy. */
export function joined(chunks: readonly Buffer[]): Buffer {
  const [only] = chunks;
  return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks);
}
