import { expect } from 'chai';
import { describe, it } from 'mocha';
import { dialectsOf, providerOf, providers } from '../../../src/providers/registry.ts';
import { linesOf, smallest } from '../../helpers/config-text.ts';

const types = providers.map(({ type }) => type).join(', ');
const dialects = dialectsOf(providerOf('openai')).join(', ');

/** [rule, the configuration without providers and models, the faults] */
const shapes: readonly [string, string, readonly string[]][] = [
  ['another version', 'version: 2', ['1:10 version: should be 1, got 2']],
  ['a port beyond 65535', 'server: { port: 65536 }', ['1:17 server.port: should be a port from 0 to 65535, got 65536']],
  ['a quoted port', 'server: { port: "80" }', ['1:17 server.port: should be a port from 0 to 65535, got "80"']],
  [
    'a duration without unit',
    'watchdog: 30',
    ['1:11 watchdog: should be a duration such as 500ms, 75s or 10m, got 30'],
  ],
  [
    'a duration of two parts',
    'drain: { stop: 1m30s }',
    ['1:16 drain.stop: should be a duration such as 500ms, 75s or 10m, got "1m30s"'],
  ],
  ['a duration that is too short', 'watchdog: 1s', ['1:11 watchdog: should be at least 2s and at most 24d, got "1s"']],
  ['a duration that is too long', 'watchdog: 25d', ['1:11 watchdog: should be at least 2s and at most 24d, got "25d"']],
  [
    'a size without unit',
    'server: { max_body: 32 }',
    ['1:21 server.max_body: should be a size such as 512kb, 32mb or 1gb, got 32'],
  ],
  [
    'a size that is too large',
    'server: { max_buffered: 17gb }',
    ['1:25 server.max_buffered: should be at least 1kb and at most 16gb, got "17gb"'],
  ],
  [
    'origins that no browser sends',
    'server: { cors: ["https://App.example", "https://a.example:443"] }',
    ['https://App.example', 'https://a.example:443'].map(
      (given, index) =>
        `1:${[18, 41][index]} server.cors[${index}]: should be an origin such as https://app.example, in lower case and without a default port, got "${given}"`,
    ),
  ],
  ['a share above 1', 'retry: { budget: 1.5 }', ['1:18 retry.budget: should be a share from 0 to 1, got 1.5']],
  ['no attempts', 'retry: { attempts: 0 }', ['1:20 retry.attempts: should be a whole number from 1 to 10, got 0']],
  [
    'a header that says other things than the session',
    'server: { session_header: Authorization }',
    [
      '1:27 server.session_header: should be the name of a header that says nothing but the session, or null, got "Authorization"',
    ],
  ],
  ['a word for a boolean', 'server: { open: "yes" }', ['1:17 server.open: should be true or false, got "yes"']],
  ['no workers', 'workers: 0', ['1:10 workers: should be auto or a whole number from 1 to 256, got 0']],
  ['half a worker', 'workers: 1.5', ['1:10 workers: should be auto or a whole number from 1 to 256, got 1.5']],
  [
    'an unknown log level',
    'log: { level: inf }',
    [
      '1:15 log.level: should be one of trace, debug, info, warn, error, fatal, silent, got "inf"; did you mean "info"?',
    ],
  ],
  ['a list for a block', 'log: []', ['1:6 log: should be a mapping, got an empty list']],
  ['one key for a list', 'server: { keys: abc }', ['1:17 server.keys: should be a list of keys, got a text']],
  [
    'a key with a space',
    'server: { keys: ["a b"] }',
    [
      '1:18 server.keys[0]: should be a text of visible ASCII characters without spaces, got a text (not shown, since it may be a secret)',
    ],
  ],
  [
    'an unknown key with a near name',
    'server: { keepAlive: 5s }',
    [
      '1:11 server.keepAlive: should be one of host, port, keys, open, max_body, max_in_flight, max_connections, max_connections_per_address, cors, max_buffered, keep_alive, session_header, metrics_path, tls, got "keepAlive"; did you mean "keep_alive"?',
    ],
  ],
  [
    'an unknown key with no near name',
    'log: { colour: red }',
    ['1:8 log.colour: should be one of level, requests, got "colour"'],
  ],
  [
    'a metrics path on a route',
    'server: { metrics_path: /v1/m }',
    [
      '1:25 server.metrics_path: should be a path that begins with / and is neither /health nor below /v1, or null, got "/v1/m"',
    ],
  ],
  [
    'a URL for a host',
    'server: { host: "http://x" }',
    ['1:17 server.host: should be a host name or an IP address, got "http://x"'],
  ],
  ['a key twice', 'workers: 1\nworkers: 2', ['2:1 workers: should be given once, got it again after line 1']],
  [
    'a variable that is not set',
    `workers: \${NO}`,
    ['1:10 workers: should be the value of the environment variable NO, got none: it is not set'],
  ],
  [
    'a variable that is empty',
    `workers: \${EMPTY}`,
    ['1:10 workers: should be the value of the environment variable EMPTY, got an empty one'],
  ],
  [
    'a variable with a message',
    `workers: "\${NO:?ask Ann}"`,
    ['1:10 workers: should be the value of the environment variable NO (ask Ann), got none: it is not set'],
  ],
  [
    'a secret file that does not exist',
    `workers: "\${file:no}"`,
    [
      '1:10 workers: should be the text of a regular file "no" of at most 1 MiB, got none: there is no such file (looked for FOLDER/no)',
    ],
  ],
  [
    'a reference of another form',
    `workers: \${1}`,
    [
      `1:10 workers: should hold references of the form \${NAME}, \${NAME:-default}, \${NAME:?message} or \${file:PATH}, got another form`,
    ],
  ],
  [
    'a wrong value from a variable',
    `workers: \${WORD}`,
    [`1:10 workers: should be auto or a whole number from 1 to 256, got the value of \${WORD}`],
  ],
];

const betweenValues: readonly [string, string, readonly string[]][] = [
  [
    "a provider at the gateway's own address",
    'server: { port: 8001 }',
    [
      '3:36 providers.local.base_url: should be another address than the gateway\'s own (or server.port another one), got "http://127.0.0.1:8001/v1"',
    ],
  ],
  [
    'an address other than loopback without keys',
    'server: { host: 10.0.0.1 }',
    [
      '1:17 server.host: should be a loopback address while server.keys is empty and server.open is not true, got "10.0.0.1"',
    ],
  ],
  [
    'an address other than loopback with only empty keys',
    `server: { host: "::", keys: ["\${NO:-}"] }`,
    ['1:17 server.host: should be a loopback address while server.keys is empty and server.open is not true, got "::"'],
  ],
  [
    'an admin address other than loopback without token',
    'admin: { host: 0.0.0.0 }',
    ['1:16 admin.host: should be a loopback address while admin.token is empty, got "0.0.0.0"'],
  ],
  [
    'the same port for data and admin',
    'server: { port: 9464 }',
    ['1:17 server.port: should be another port, since the data port and the admin port must differ, got 9464'],
  ],
  [
    'a buffer limit below the size of one body',
    'server: { max_body: 300mb }',
    ['1:21 server.max_body: should be at most server.max_buffered, got "300mb"'],
  ],
  [
    'a longest delay below the first one',
    'retry: { max_delay: 100ms }',
    ['1:21 retry.max_delay: should be at least base_delay (500ms), got "100ms"'],
  ],
  [
    'a first opening above the longest one',
    'circuit: { open_for: 1h }',
    ['1:22 circuit.open_for: should be at most max_open_for (5m), got "1h"'],
  ],
  [
    'more failures than outcomes',
    'circuit: { min_failures: 201 }',
    ['1:26 circuit.min_failures: should be at most outcomes (200), got 201'],
  ],
];

const accepted = [
  'server: { host: 127.0.0.2, port: 8001 }',
  'server: { host: 10.0.0.1, open: true }',
  'server: { host: 0.0.0.0, keys: [k] }',
  'server: { host: localhost, port: 0 }\nadmin: { host: "::1", port: 0 }',
  'server: { host: 127.0.0.2, port: 9464 }',
  'server: { host: "::ffff:127.0.0.1" }',
  'admin: { host: 10.0.0.1, token: t }',
  'drain: { announce: 0s }',
  'retry: {}',
  'state_dir: /tmp/headgate-of-no-test',
  'server: { metrics_path: /internal/metrics }',
];

/** [rule, providers and models, the faults] */
const named: readonly [string, string, readonly string[]][] = [
  ['nothing at all', '', ['1:1: should be a mapping, got nothing']],
  [
    'neither providers nor models',
    'version: 1',
    [
      '1:1 providers: should be a mapping of providers by name, got nothing',
      '1:1 models: should be a mapping of models by name, got nothing',
    ],
  ],
  [
    'empty providers and models',
    'providers: {}\nmodels: {}',
    ['1:1 providers: should hold at least one entry, got none', '2:1 models: should hold at least one entry, got none'],
  ],
  [
    'a provider without content',
    smallest.replace(/local: .*/, 'local:'),
    ['3:9 providers.local: should be a mapping, got nothing'],
  ],
  [
    'an unknown type',
    smallest.replace('type: openai', 'type: opnai'),
    [`3:18 providers.local.type: should be one of ${types}, got "opnai"; did you mean "openai"?`],
  ],
  [
    'a dialect that its type does not speak',
    smallest.replace('type: openai', 'type: openai, dialects: [openai-responses, anthropic-messages]'),
    [`3:55 providers.local.dialects[1]: should be one of those of type openai: ${dialects}, got "anthropic-messages"`],
  ],
  [
    'no dialects',
    smallest.replace('type: openai', 'type: openai, dialects: []'),
    ['3:36 providers.local.dialects: should be a list of at least one dialect, got an empty list'],
  ],
  [
    'a misspelt key of a target',
    smallest.replace('model: gpt-4', 'modle: gpt-4'),
    [
      '5:22 models.gpt-4.targets[0].model: should be the name of a model, got nothing',
      '5:41 models.gpt-4.targets[0].modle: should be one of provider, model, max_tokens, weight, price, timeouts, got "modle"; did you mean "model"?',
    ],
  ],
  [
    'an unknown provider',
    smallest.replace('provider: local', 'provider: locl'),
    [
      '5:34 models.gpt-4.targets[0].provider: should be one of the providers "local", got "locl"; did you mean "local"?',
    ],
  ],
  [
    'a reserved model',
    smallest.replace('gpt-4:', 'other:'),
    [
      '5:3 models.other: should be a name of up to 128 letters, digits and . _ : / @ + - that starts with a letter or digit, or a pattern of these with one *, and not "other", which is reserved, got "other"',
    ],
  ],
  [
    'a reserved provider',
    smallest.replaceAll('local', 'unknown'),
    [
      '3:3 providers.unknown: should be a name of up to 64 letters, digits and . _ - that starts with a letter or digit, and not "unknown", which is reserved, got "unknown"',
    ],
  ],
  [
    'a model name with a space',
    smallest.replace('gpt-4:', '"gpt 4":'),
    [
      '5:3 models."gpt 4": should be a name of up to 128 letters, digits and . _ : / @ + - that starts with a letter or digit, or a pattern of these with one *, and not "other", which is reserved, got "gpt 4"',
    ],
  ],
  [
    'a model without targets',
    smallest.replace(/targets: .*/, 'targets: [] }'),
    ['5:21 models.gpt-4.targets: should be a list of at least one target, got an empty list'],
  ],
  [
    'a target twice',
    smallest.replace(
      'gpt-4 }]',
      'gpt-4 }, { provider: local, model: x }, { provider: local, model: gpt-4, max_tokens: 9 }]',
    ),
    ['5:88 models.gpt-4.targets[2]: should be a different target, got the same as targets[0]'],
  ],
  [
    'a relative base URL',
    smallest.replace('http://127.0.0.1:8001', ''),
    [
      '3:36 providers.local.base_url: should be an absolute http(s) URL without credentials, query or fragment, or unix:/SOCKET:/PATH, got "/v1"',
    ],
  ],
  [
    'a base URL with the route of completions',
    smallest.replace('/v1"', '/v1/chat/completions"'),
    [
      '3:36 providers.local.base_url: should be an address that ends before /chat/completions, which the gateway adds itself, got "http://127.0.0.1:8001/v1/chat/completions"',
    ],
  ],
  [
    'a base URL with the route of messages',
    smallest.replace('/v1"', '/v1/messages/"'),
    [
      '3:36 providers.local.base_url: should be an address that ends before /v1/messages, which the gateway adds itself, got "http://127.0.0.1:8001/v1/messages/"',
    ],
  ],
  [
    'a base URL with credentials',
    smallest.replace('http://', 'http://user:pass@'),
    [
      '3:36 providers.local.base_url: should be an absolute http(s) URL without credentials, query or fragment, or unix:/SOCKET:/PATH, got a text (not shown, since it may be a secret)',
    ],
  ],
  [
    'a base URL with a query',
    smallest.replace('/v1"', '/v1?key=x"'),
    [
      '3:36 providers.local.base_url: should be an absolute http(s) URL without credentials, query or fragment, or unix:/SOCKET:/PATH, got a text (not shown, since it may be a secret)',
    ],
  ],
  [
    'a base URL with a port beyond 65535',
    smallest.replace('8001', '80010'),
    [
      '3:36 providers.local.base_url: should be an absolute http(s) URL without credentials, query or fragment, or unix:/SOCKET:/PATH, got "http://127.0.0.1:80010/v1"',
    ],
  ],
  [
    'no key at an official address',
    smallest.replace('http://127.0.0.1:8001', 'https://api.openai.com'),
    ['3:3 providers.local.api_key: should be an API key, since api.openai.com requires one, got nothing'],
  ],
  [
    'no key at the default address',
    smallest.replace(', base_url: "http://127.0.0.1:8001/v1"', ''),
    ['3:3 providers.local.api_key: should be an API key, since api.openai.com requires one, got nothing'],
  ],
  [
    'a key from a variable that is not set',
    smallest.replace('/v1"', `/v1", api_key: "\${NO}"`),
    ['3:73 providers.local.api_key: should be the value of the environment variable NO, got none: it is not set'],
  ],
  [
    "a provider's first delay above the inherited longest one",
    smallest.replace('/v1"', '/v1", retry: { base_delay: 9s }'),
    ['3:85 providers.local.retry.base_delay: should be at most max_delay (8s), got "9s"'],
  ],
  [
    'a provider of files that there is not',
    `passthrough: { files: locl, batches: local }${smallest}`,
    ['1:23 passthrough.files: should be a provider with such an API: "local", got "locl"; did you mean "local"?'],
  ],
  [
    'a provider of batches without such an API',
    `passthrough: { batches: local }${smallest.replace('openai, base_url: "http://127.0.0.1:8001/v1"', 'anthropic, api_key: k')}`,
    [
      '1:25 passthrough.batches: should be the name of a provider with such an API, which none of them has, got "local"',
    ],
  ],
  ['two documents', `${smallest}---\na: 1\n`, ['6:1: should be the end of the file, got a second document']],
  ['a tag', 'a: !!js/function x', ['1:4: should be a value without a tag, got a tag']],
  [
    'a reference without quotes within braces, with a single fault',
    `server: { port: \${PORT:-8080} }${smallest}`,
    [
      `1:18: should be valid YAML, got something that is not allowed here (a text with : # { or [ needs quotes: "\${NAME}")`,
    ],
  ],
  [
    'a merge key',
    smallest.replace('{ type', '{ <<: *a, type').replace('providers:', 'providers: &a'),
    ['3:12 providers.local: should be written out, since merge keys are not supported (aliases are), got "<<"'],
  ],
  ['a tab', 'a:\n\t- b', ['2:1: should be indented with spaces, got a tab']],
  [
    'an alias without an anchor',
    'version: *x',
    [
      '1:1 providers: should be a mapping of providers by name, got nothing',
      '1:1 models: should be a mapping of models by name, got nothing',
      '1:10 version: should be an alias of an anchor that is defined above, got none',
    ],
  ],
  ['a structure as key', `? [a]\n: 1\n${smallest}`, ['1:3: should be a plain name as key, got something else']],
  [
    'a key with a meaning in JavaScript',
    `__proto__: { a: 1 }${smallest}`,
    ['1:1: should be another name, got "__proto__"'],
  ],
];

const environment = { EMPTY: '', WORD: 'many' };

describe('rules of a configuration', () => {
  for (const [rule, text, faults] of [...shapes, ...betweenValues]) {
    it(`refuses ${rule}`, () => {
      const lines = linesOf(text + smallest, { environment });
      // The folder is another one each time.
      expect(lines.map((line) => line.replace(/for \/\S*\//, 'for FOLDER/'))).to.deep.equal(faults);
    });
  }

  for (const [rule, text, faults] of named) {
    it(`refuses ${rule}`, () => {
      expect(linesOf(text, { environment })).to.deep.equal(faults);
    });
  }

  for (const text of accepted) {
    it(`accepts ${text.replace('\n', ', ')}`, () => {
      expect(linesOf(text + smallest)).to.deep.equal([]);
    });
  }
});
