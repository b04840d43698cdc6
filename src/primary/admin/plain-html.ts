/**
 * HTML as text, in which nothing that is put in is markup: only what stands in the program's own templates is. Pure.
 */

/** Markup that is safe as it is. */
export class Html {
  readonly html: string;

  constructor(html: string) {
    this.html = html;
  }
}

/** A template; texts and numbers in it are escaped. */
export function html(parts: TemplateStringsArray, ...values: readonly (string | number | Html)[]): Html {
  const filled = parts.map((part, index) => {
    const value = values[index] ?? '';
    return part + (value instanceof Html ? value.html : escaped(String(value)));
  });
  return new Html(filled.join(''));
}

/** One after the other, a line each. */
export function joined(parts: readonly Html[]): Html {
  return new Html(parts.map((part) => part.html).join('\n'));
}

/** A table with a caption. */
export function table(caption: string, heads: readonly string[], rows: readonly (readonly string[])[]): Html {
  const head = heads.map((text) => html`<th scope="col">${text}</th>`);
  const body = rows.map((cells) => html`<tr>${joined(cells.map((text) => html`<td>${text}</td>`))}</tr>`);
  return html`<table><caption>${caption}</caption><thead><tr>${joined(head)}</tr></thead><tbody>${joined(body)}</tbody></table>`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => entities[sign] ?? sign);
}
