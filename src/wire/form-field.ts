/** What the head of a part says of a form's field (RFC 7578, 4.2). */
import { headerParameters } from './header-parameters.ts';

/** A form that is none, or that two readers would read in two ways. The message is for the client: `the body …`. */
export class MultipartFault extends Error {
  override readonly name = 'MultipartFault';
}

export interface FormField {
  /** As it is written, in latin1. */
  readonly name: string;
  readonly isFile: boolean;
  /** Whether its bytes are its value, rather than some encoding of it. */
  readonly isPlain: boolean;
}

const line = /^([\w!#$%&'*+.^`|~-]+):(.*)$/;

/** Throws `MultipartFault`. @param head the lines of a part's head with CR LF between them, in latin1 */
export function formField(head: string): FormField {
  let disposition: string | null = null;
  let encoding = 'binary';
  for (const text of head.split('\r\n')) {
    const [, name = '', value = ''] = /[\r\n\0]/.test(text) ? [] : (line.exec(text) ?? []);
    if (name === '') throw new MultipartFault('has a part whose head is no list of headers');
    switch (name.toLowerCase()) {
      case 'content-disposition':
        if (disposition !== null) throw new MultipartFault('has a part with two dispositions');
        disposition = value.trim();
        break;
      case 'content-transfer-encoding':
        encoding = value.trim().toLowerCase();
        break;
    }
  }
  const parameters = headerParameters(disposition ?? '');
  const name = parameters?.get('name');
  if (parameters === null || name === undefined || !/^form-data\s*(?:;|$)/i.test(disposition ?? '')) {
    throw new MultipartFault('has a part without a name');
  }
  const names = [...parameters.keys()];
  // Some readers put the name together of these (RFC 2231), others do not know them.
  if (names.some((each) => each.startsWith('name*'))) {
    throw new MultipartFault('has a part whose name is in another encoding or in pieces');
  }
  const isFile = names.some((each) => /^filename(?:\*|$)/.test(each));
  return { name, isFile, isPlain: /^(?:binary|[78]bit)$/.test(encoding) };
}

/** The name that some readers take it for: they undo escapes, which others leave as they are. */
export function unescapedName(name: string): string {
  const unquoted = name.replace(/\\(.)/g, '$1');
  return unquoted.replace(/%([\da-f]{2})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}
