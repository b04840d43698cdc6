/** Reads server-sent events from a body as it comes. Of its fields it knows `event` and `data`; comments are passed over. */

/**
 * Reads to the end.
 *
 * @param {ReadableStream<Uint8Array<ArrayBuffer>>} body
 * @param {(event: { name: string, data: string }) => void} onEvent
 * @param {(text: string) => void} [onText] gets every piece as it came
 * @returns {Promise<void>} resolves at the end; rejects where the body breaks off
 */
export async function readEvents(body, onEvent, onText = () => {}) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let held = '';
  let name = '';
  /** @type {string[]} */
  let data = [];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    onText(value);
    const lines = (held + value).split(/\r\n|\n|\r(?!$)/);
    held = lines.pop() ?? '';
    for (const line of lines) {
      if (line === '') {
        if (data.length > 0) onEvent({ name: name || 'message', data: data.join('\n') });
        name = '';
        data = [];
      } else if (line.startsWith('event:')) name = line.slice(6).trim();
      else if (line.startsWith('data:')) data.push(line.slice(line[5] === ' ' ? 6 : 5));
    }
  }
}
