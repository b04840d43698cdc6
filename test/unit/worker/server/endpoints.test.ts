/** The search in a table of endpoints, with paths of more kinds than the gateway's own table has. */
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { openaiChat } from '../../../../src/dialects/openai-chat/index.ts';
import { Endpoints } from '../../../../src/worker/server/endpoints.ts';

const counted = (path: string) =>
  ({
    method: 'POST',
    path,
    label: 'other',
    dialect: openaiChat,
    body: 'json',
    answersAtOnce: false,
    store: null,
    serve: async () => undefined,
  }) as const;
const plain = (path: string, method: 'GET' | 'DELETE' | 'POST' = 'GET') =>
  ({ method, path, needsKey: true, answer: () => ({ status: 200, type: 'text/plain', body: '' }) }) as const;

const endpoints = new Endpoints([
  counted('/v1/chat/completions'),
  counted('/v1/models/{id}:generate'),
  counted('/v1/models/{id}/invoke'),
  plain('/v1/models'),
  plain('/v1/models/{id}'),
  plain('/v1/things/{id}'),
  plain('/v1/things/{id}', 'DELETE'),
  plain('/v1/things/{id}/stop', 'POST'),
  plain('/health'),
]);

/** What is found, in short. */
function found(target: string, method = 'GET'): string {
  const result = endpoints.find(method, target);
  switch (result.kind) {
    case 'counted':
      return `counted ${result.endpoint.path}`;
    case 'plain':
      return `plain ${result.endpoint.path} ${result.id}`.trimEnd();
    case 'other-method':
      return `other method: ${result.methods}`;
    case 'nothing':
      return `nothing at ${result.path}`;
  }
}

describe('an endpoint', () => {
  it('is found by its path, with the version or without, and with any number of slashes', () => {
    for (const path of [
      '/v1/chat/completions',
      '/chat/completions',
      '//v1//chat/completions/',
      '/v1/chat/completions?a=b',
    ]) {
      expect(found(path, 'POST'), path).to.equal('counted /v1/chat/completions');
    }
    expect(found('/health')).to.equal('plain /health');
    expect(found('/health', 'HEAD')).to.equal('plain /health');
  });

  it('is found by a path that ends in a name, slashes and escapes included', () => {
    expect(found('/v1/models/gpt-4')).to.equal('plain /v1/models/{id} gpt-4');
    expect(found('/models/meta/llama%2D3')).to.equal('plain /v1/models/{id} meta/llama%2D3');
    expect(found('/v1/models/')).to.equal('plain /v1/models');
  });

  it('is found by a path with a name in its middle', () => {
    for (const path of ['/v1/models/gemini:generate', '/models/google/gemini:generate', '/v1/models/a:b:generate']) {
      expect(found(path, 'POST'), path).to.equal('counted /v1/models/{id}:generate');
    }
    expect(found('/v1/models/claude/invoke', 'POST')).to.equal('counted /v1/models/{id}/invoke');
  });

  it('is not found by a path whose name is empty, or whose end is another', () => {
    expect(found('/v1/models/:generate', 'POST')).to.equal('other method: GET, HEAD');
    expect(found('/v1/models/invoke', 'POST')).to.equal('other method: GET, HEAD');
    expect(found('/v1/models/gemini:generated', 'POST')).to.equal('other method: GET, HEAD');
    expect(found('/v1/chat/completions/x', 'POST')).to.equal('nothing at /v1/chat/completions/x');
  });

  it('has the methods of all rows that its path matches', () => {
    expect(found('/v1/models/gemini:generate', 'PUT')).to.equal('other method: POST, GET, HEAD');
    expect(found('/v1/models/gemini:generate')).to.equal('plain /v1/models/{id} gemini:generate');
    expect(found('/v1/chat/completions')).to.equal('other method: POST');
  });

  it('is found by its method among others of its path', () => {
    expect(found('/v1/things/a', 'DELETE')).to.equal('plain /v1/things/{id} a');
    expect(found('/v1/things/a/stop', 'POST')).to.equal('plain /v1/things/{id}/stop a');
    expect(found('/v1/things/a', 'PATCH')).to.equal('other method: GET, HEAD, DELETE');
  });

  it('is not found by what is no path of this server', () => {
    expect(found('*')).to.equal('nothing at null');
    expect(found('ftp://a/v1/models')).to.equal('nothing at null');
    expect(found('http://a.example/v1/models')).to.equal('plain /v1/models');
  });
});
