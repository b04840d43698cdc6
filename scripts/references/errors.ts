/** The reference of errors, out of the table that the program itself uses. */
import { errorCures } from '../../src/shared/error-cures.ts';
import { type ErrorCode, errorTable } from '../../src/shared/errors.ts';
import { code, GENERATED, table } from './markdown.ts';

const intro = `# Errors

Every request that fails has one **owner** and one **code**: the same in \`llm_request_errors_total{owner, code, model}\`,
in the request's log line, and in the error body (\`error.code\` and \`error.headgate.owner\`).

| owner | who has to act |
| --- | --- |
| \`client\` | the caller: the request or its key is wrong |
| \`policy\` | the caller or the operator: a rule of the operator's forbids the request |
| \`provider\` | the provider, or the operator who chose it |
| \`gateway\` | the operator: the gateway, its host or its configuration |

An answer in a stream that has begun keeps its status 200; its last event holds the error, with the
provider's own type and code where it has sent an error. Where the code is \`request_rejected\`, the body is the provider's
own.

The last 200 requests that failed are in \`headgate errors\` and \`GET /api/errors\`, with what the operator does about them.`;

/** The whole document. */
export function errorsReference(): string {
  const rows = Object.entries(errorTable).map(([name, { owner, status, retryable, meaning }]) => [
    code(name),
    code(owner),
    name === 'request_rejected' ? "the provider's own 4xx" : String(status),
    retryable ? 'yes' : 'no',
    meaning,
    errorCures[name as ErrorCode],
  ]);
  const heads = ['code', 'owner', 'status', 'clients may retry', 'meaning', 'what the operator does'];
  return `${[GENERATED, intro, '## Codes', table(heads, rows).join('\n')].join('\n\n')}\n`;
}
