/** Saturating load by wrk, which costs less than any client written here. */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { withFolder } from '../processes/temporary-folder.ts';
import { CHAT_PATH } from './client-connection.ts';
import type { Saturated, Saturation, Target } from './protocol.ts';

/** Runs wrk and reads its report. */
export function saturateByWrk({ target, connections, seconds }: Saturation): Promise<Saturated> {
  return withFolder('wrk', async (folder) => {
    const script = join(folder, 'requests.lua');
    writeFileSync(script, scriptFor(target));
    const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '30s', '-s', script];
    const url = `http://127.0.0.1:${target.port}${target.path ?? CHAT_PATH}`;
    const { stdout } = await promisify(execFile)('wrk', [...args, url]);
    const [, requests = '0', took = '1', unit = 's'] = /(\d+) requests in ([\d.]+)(m?s)/.exec(stdout) ?? [];
    const errors = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(stdout) ?? [];
    const refused = Number(/Non-2xx or 3xx responses: (\d+)/.exec(stdout)?.[1] ?? 0);
    const failed = errors.slice(1).reduce((total, count) => total + Number(count), refused);
    const measuredSeconds = Number(took) / (unit === 'ms' ? 1000 : 1);
    return { requests: Number(requests), failed, perSecond: Number(requests) / measuredSeconds };
  });
}

/** The script that gives wrk its requests. In Lua's long brackets a body needs no escapes. */
function scriptFor({ headers, bodies }: Target): string {
  const fields = Object.entries({ 'content-type': 'application/json', ...headers });
  return [
    'wrk.method = "POST"',
    ...fields.map(([name, value]) => `wrk.headers[${JSON.stringify(name)}] = ${JSON.stringify(value)}`),
    `local bodies = { ${bodies.map((body) => `[==[${body}]==]`).join(', ')} }`,
    'local requests, turn = {}, 0',
    'function init() for i, body in ipairs(bodies) do requests[i] = wrk.format(nil, nil, nil, body) end end',
    'function request() turn = turn % #requests + 1; return requests[turn] end',
  ].join('\n');
}
