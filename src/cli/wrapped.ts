/** Text in lines of a terminal's width. Pure. */

/**
 * Parts in as few lines as the width allows. A part that is longer alone is not broken: it is to be copied.
 *
 * @param gap between parts of a line @param indent before each line @param hanging before each line but the first, besides
 */
export function wrapped(parts: readonly string[], gap: string, indent: string, width: number, hanging = ''): string[] {
  const lines: string[] = [];
  let line = indent;
  let isEmpty = true;
  for (const part of parts) {
    if (!isEmpty && line.length + gap.length + part.length > width) {
      lines.push(line);
      line = `${indent}${hanging}`;
      isEmpty = true;
    }
    line += isEmpty ? part : `${gap}${part}`;
    isEmpty = false;
  }
  return [...lines, line];
}
