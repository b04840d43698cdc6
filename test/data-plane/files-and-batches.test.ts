/** Files and batches, which name no model: passed to the one provider that the configuration names for them, as they come. */
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { toFile } from 'openai';
import { type RunningPlane, startPlane } from '../helpers/data-plane.ts';
import { recording, type SeenRequest } from './pass-through-fixture.ts';
import { errorOf, jsonHeaders, planeFixture } from './plane-fixture.ts';
import { clientOf, refusalOf, storeConfig } from './store-fixture.ts';

const file = {
  id: 'file-1',
  object: 'file',
  bytes: 5,
  created_at: 1,
  filename: 'a.jsonl',
  purpose: 'batch',
  status: 'processed',
};
const batch = { id: 'batch_1', object: 'batch', endpoint: '/v1/chat/completions', status: 'in_progress', errors: null };
const page = '<html>{"error": "no error, but what is in the file"}</html>';

describe('files and batches', () => {
  const { provider, close } = planeFixture();
  const seen: SeenRequest[] = [];
  const methods: string[] = [];
  let status: number;
  let port: number;
  let plane: RunningPlane | null = null;

  beforeEach(async () => {
    seen.length = 0;
    methods.length = 0;
    status = 200;
    const record = recording(seen, (outgoing, { path }) => {
      const [, , kind, , more] = path.split(/[/?]/);
      const one = kind === 'files' ? file : batch;
      const isList = methods.at(-1) === 'GET' && !/(?:file-|batch_)1/.test(path);
      if (status !== 200)
        outgoing.writeHead(status, jsonHeaders).end('{"error":{"message":"No such File object: x","code":null}}');
      else if (more === 'content') outgoing.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page);
      else
        outgoing
          .writeHead(200, jsonHeaders)
          .end(JSON.stringify(isList ? { object: 'list', data: [one], has_more: false } : one, null, 1));
    });
    port = await provider((incoming, outgoing) => {
      methods.push(incoming.method ?? '');
      record(incoming, outgoing);
    });
  });
  afterEach(async () => {
    await plane?.close();
    plane = null;
    await close();
  });

  async function started(options: { named?: boolean; maxBodyBytes?: number; keys?: string[] } = {}) {
    const { named = true, ...server } = options;
    const config = storeConfig({ ports: [1, port], server, retry: { attempts: 1 } });
    plane = await startPlane({ ...config, passthrough: named ? { files: 'two', batches: 'two' } : config.passthrough });
    return { plane, url: plane.url, client: clientOf(plane.url) };
  }

  it('are what the official client gets of them', async () => {
    const { plane, client } = await started();
    const upload = await toFile(Buffer.from('{"a":1}\n'), 'a.jsonl');
    expect(await client.files.create({ file: upload, purpose: 'batch' })).to.deep.include(file);
    expect((await client.files.list({ purpose: 'batch', limit: 1 })).data).to.deep.equal([file]);
    expect(await client.files.retrieve('file-1')).to.deep.include(file);
    const content = await client.files.content('file-1');
    expect([content.headers.get('content-type'), await content.text()]).to.deep.equal([
      'text/html; charset=utf-8',
      page,
    ]);
    await client.files.delete('file-1');
    const wanted = { input_file_id: 'file-1', endpoint: '/v1/chat/completions', completion_window: '24h' } as const;
    expect(await client.batches.create(wanted)).to.deep.include(batch);
    expect((await client.batches.list()).data).to.deep.equal([batch]);
    expect((await client.batches.retrieve('batch_1')).id).to.equal('batch_1');
    expect((await client.batches.cancel('batch_1')).id).to.equal('batch_1');
    expect(seen.map(({ path }, index) => `${methods[index]} ${path}`)).to.deep.equal([
      'POST /v1/files',
      'GET /v1/files?purpose=batch&limit=1',
      'GET /v1/files/file-1',
      'GET /v1/files/file-1/content',
      'DELETE /v1/files/file-1',
      'POST /v1/batches',
      'GET /v1/batches',
      'GET /v1/batches/batch_1',
      'POST /v1/batches/batch_1/cancel',
    ]);
    expect(seen.every(({ headers }) => headers.authorization === 'Bearer key')).to.equal(true);
    expect(seen[0]?.headers['content-type']).to.match(/^multipart\/form-data; ?boundary=/);
    expect(seen[0]?.body.toString()).to.include('{"a":1}\n');
    expect(JSON.parse(String(seen[5]?.body))).to.deep.equal(wanted);
    const ended = { type: 'request-ended', status: 'success', provider: 'two', model: 'other' } as const;
    expect([
      plane.count({ ...ended, endpoint: 'files' }),
      plane.count({ ...ended, endpoint: 'batches' }),
    ]).to.deep.equal([5, 4]);
    expect(plane.count({ type: 'tokens' })).to.equal(0);
  });

  it('pass as they are, both ways', async () => {
    const { url } = await started();
    const body = Buffer.concat([
      Buffer.from('--x\r\ncontent-disposition: form-data; name="file"\r\n\r\n'),
      Buffer.alloc(300_000, 0xfe),
      Buffer.from('\r\n--x--\r\n'),
    ]);
    const headers = { 'content-type': 'multipart/form-data; boundary=x' };
    const answer = await fetch(`${url}/v1/files`, { method: 'POST', headers, body });
    expect(await answer.text()).to.equal(JSON.stringify(file, null, 1));
    expect(seen[0]?.body.equals(body)).to.equal(true);
    expect(seen[0]?.headers).to.include({
      'content-type': 'multipart/form-data; boundary=x',
      'content-length': String(body.length),
    });
  });

  it('are refused with what to configure where no provider is named for them', async () => {
    const { plane, client, url } = await started({ named: false });
    expect(await refusalOf(client.batches.retrieve('batch_1'))).to.include({
      status: 404,
      code: 'unsupported_endpoint',
    });
    const { message } = await errorOf(await fetch(`${url}/v1/files`));
    expect(message).to.include('Set passthrough.files in the configuration');
    expect(seen).to.deep.equal([]);
    expect(plane.count({ type: 'request-ended', status: 'error', code: 'unsupported_endpoint' })).to.equal(2);
  });

  it('have the limits and the keys of all requests', async () => {
    const { url, plane } = await started({ maxBodyBytes: 10_000, keys: ['K1'] });
    const headers = { authorization: 'Bearer K1', 'content-type': 'multipart/form-data; boundary=x' };
    const tooLarge = await fetch(`${url}/v1/files`, { method: 'POST', headers, body: Buffer.alloc(20_000) });
    expect([tooLarge.status, (await errorOf(tooLarge)).code]).to.deep.equal([413, 'body_too_large']);
    const wrong = await fetch(`${url}/v1/files`, {
      method: 'POST',
      headers: { ...headers, ...jsonHeaders },
      body: '{}',
    });
    expect([wrong.status, (await errorOf(wrong)).code]).to.deep.equal([415, 'unsupported_media_type']);
    for (const path of ['/v1/files', '/v1/files/file-1/content', '/v1/batches']) {
      expect((await fetch(url + path)).status).to.equal(401);
    }
    expect(seen).to.deep.equal([]);
    expect(plane.count({ type: 'request-ended', endpoint: 'files', status: 'error' })).to.equal(4);
  });

  it('are not asked for by what is no id', async () => {
    const { url } = await started();
    for (const path of ['/v1/files/..%2Fmodels', '/v1/files/a%2Fb/content', '/v1/batches/a%3Fb', '/v1/files/%20']) {
      const { status: got } = await fetch(url + path);
      expect(got, path).to.equal(400);
    }
    expect(seen).to.deep.equal([]);
  });

  it('that the provider does not have are its own 404, which harms nothing', async () => {
    const { client, plane } = await started();
    status = 404;
    for (let round = 0; round < 10; round += 1) {
      expect(await refusalOf(client.files.retrieve('file-9'))).to.include({ status: 404 });
    }
    expect(plane.count({ type: 'attempt-ended', outcome: 'client_error', verdict: 'neutral' })).to.equal(10);
    expect(plane.count({ type: 'cooldown-started' })).to.equal(0);
  });
});
