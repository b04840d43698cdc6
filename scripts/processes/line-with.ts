/** Waiting for a line in the output of a process. */

/**
 * The first line of a stream that contains `part`. Rejects when the stream ends without it. The stream is read on
 * afterwards.
 */
export function lineWith(stream: NodeJS.ReadableStream, part: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let seen = '';
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => {
      seen += chunk;
      const whole = seen.slice(0, seen.lastIndexOf('\n') + 1).split('\n');
      const line = whole.find((candidate) => candidate.includes(part));
      if (line !== undefined) resolve(line);
    });
    stream.on('end', () => reject(new Error(`no line with ${part} in: ${seen}`)));
  });
}
