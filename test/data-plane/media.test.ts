/** Endpoints that take forms with files, and those that answer with something else than JSON: audio, text, subtitles. */
import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import { APIError, toFile } from 'openai';
import { type Answer, answering, officialClient, passThroughFixture, streaming } from './pass-through-fixture.ts';
import { errorOf, jsonHeaders } from './plane-fixture.ts';

const model = 'team/alias';
const boundary = 'x-boundary-x';
const formHeaders = { 'content-type': `multipart/form-data; boundary="${boundary}"` };
const audio = Buffer.concat([Buffer.from('ID3\0'), Buffer.alloc(700_000, '\r\n--x-boundary-\xff', 'latin1')]);

/** A form of a file and these fields, which come behind it. */
function formOf(fields: Readonly<Record<string, string>>, file = audio): Buffer {
  const parts = Object.entries(fields).map(
    ([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="a;model=\\"b\\".mp3"\r\nContent-Type: audio/mpeg\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), file, Buffer.from(`\r\n${parts.join('')}--${boundary}--\r\n`)]);
}

const deltas = ['Hel', 'lo'].map((delta) => `data: {"type":"transcript.text.delta","delta":"${delta}"}\n\n`);
const done =
  'data: {"type":"transcript.text.done","text":"Hello","usage":{"type":"tokens","input_tokens":4,"output_tokens":2}}\n\n';

describe('an endpoint for media', () => {
  const { start, close } = passThroughFixture();
  afterEach(close);

  const transcribe = (url: string, fields: Record<string, string> = {}) =>
    fetch(`${url}/v1/audio/transcriptions`, {
      method: 'POST',
      headers: formHeaders,
      body: new Uint8Array(formOf({ ...fields, model })),
    });

  for (const path of ['/v1/audio/transcriptions', '/v1/audio/translations']) {
    it(`passes a form on with its boundary, but for the model behind its file: ${path}`, async () => {
      const { url, seen, count } = await start(answering('{"text":"hi"}'));
      const sent = new Uint8Array(formOf({ language: model, model, prompt: 'é' }));
      const response = await fetch(url + path, { method: 'POST', headers: formHeaders, body: sent });
      expect([response.status, await response.text()]).to.deep.equal([200, '{"text":"hi"}']);
      const [request] = seen;
      expect(request?.path).to.equal(path);
      expect(request?.headers).to.include({ ...formHeaders, accept: '*/*', authorization: 'Bearer key-of-openai' });
      expect(request?.body.equals(formOf({ language: model, model: 'real-model', prompt: 'é' }))).to.equal(true);
      const label = path.slice('/v1/audio/'.length) === 'translations' ? 'translations' : 'transcriptions';
      expect(count({ type: 'request-ended', endpoint: label, model })).to.equal(1);
    });
  }

  for (const [type, body] of [
    ['text/plain; charset=utf-8', 'data: what looks like an event\n\n'],
    ['text/vtt', '\ufeffWEBVTT\n\n00:00.000 --> 00:01.000\n{laughs}\n'],
    ['application/x-subrip', '1\n00:00:00,000 --> 00:00:01,000\nhi\n'],
    ['application/json', '{"text":""}'],
    ['text/plain', '42 \n'],
  ] as const) {
    it(`gives an answer back with its media type: ${type} ${JSON.stringify(body.slice(0, 8))}`, async () => {
      const { url } = await start(answering(body, type));
      const response = await transcribe(url, { response_format: 'any' });
      expect(response.headers.get('content-type')).to.equal(type);
      expect(Buffer.from(await response.arrayBuffer()).equals(Buffer.from(body))).to.equal(true);
    });
  }

  it('passes on the events of a transcript, and a whole one where a stream was asked for in vain', async () => {
    const streamed = await start(streaming([...deltas, done]));
    const response = await transcribe(streamed.url, { stream: 'true' });
    expect(response.headers.get('content-type')).to.equal('text/event-stream; charset=utf-8');
    expect(await response.text()).to.equal([...deltas, done].join(''));
    expect(streamed.count({ type: 'stream-ended', outcome: 'complete' })).to.equal(1);
    const whole = await start(answering('{"text":"Hello"}'));
    const plain = await transcribe(whole.url, { stream: 'true' });
    expect([plain.headers.get('content-type'), await plain.text()]).to.deep.equal([
      'application/json',
      '{"text":"Hello"}',
    ]);
  });

  it('sends the same form to the next provider', async () => {
    const failing: Answer = (outgoing) => outgoing.writeHead(500).end('{}');
    const { url, seen } = await start(failing, answering('{"text":"hi"}'));
    expect((await transcribe(url)).headers.get('x-headgate-attempts')).to.match(/, two=200$/);
    const hashes = seen.map(({ body }) => createHash('sha1').update(body).digest('hex'));
    expect([seen.length, new Set(hashes).size]).to.deep.equal([3, 1]);
  });

  it('takes nothing for whole that was cut off, whatever it is', async () => {
    const cut: Answer = (outgoing) => {
      outgoing.writeHead(200, { 'content-type': 'text/plain', 'content-length': '100' }).write('half');
      setTimeout(() => outgoing.destroy(), 20);
    };
    const { url } = await start(cut, answering('whole', 'text/plain'));
    const response = await transcribe(url);
    expect(await response.text()).to.equal('whole');
    expect(response.headers.get('x-headgate-attempts')).to.match(/^one=unreadable/);
  });

  it('takes a page for no answer', async () => {
    const { url } = await start(answering('<html>', 'text/html'), answering('whole', 'text/plain'));
    expect(await (await transcribe(url)).text()).to.equal('whole');
  });

  it('refuses what is no form, and says why', async () => {
    const { url, seen } = await start(answering('{}'));
    const ask = async (headers: Record<string, string>, body: string | Uint8Array<ArrayBuffer>) => {
      const response = await fetch(`${url}/v1/audio/transcriptions`, { method: 'POST', headers, body });
      const { code, message } = await errorOf(response);
      return [response.status, code, message];
    };
    expect(await ask(jsonHeaders, '{}')).to.deep.equal([
      415,
      'unsupported_media_type',
      'The content-type should be multipart/form-data.',
    ]);
    expect((await ask(formHeaders, '{}'))[2]).to.include('does not begin with its boundary');
    expect((await ask(formHeaders, new Uint8Array(formOf({ model })).subarray(0, -8)))[2]).to.include('last boundary');
    expect((await ask({ 'content-type': 'multipart/form-data' }, 'x'))[2]).to.include('no boundary');
    expect((await ask(formHeaders, new Uint8Array(formOf({})))).slice(0, 2)).to.deep.equal([400, 'missing_parameter']);
    expect((await ask(formHeaders, new Uint8Array(formOf({ model: 'nobody' })))).slice(0, 2)).to.deep.equal([
      404,
      'model_not_found',
    ]);
    expect(seen).to.have.length(0);
  });

  it('gives audio back byte by byte, a large one too, and fails over if there is none', async () => {
    const sound = Buffer.alloc(5_000_000, 'RIFF{ \r\n');
    const { url, seen } = await start(answering('', 'audio/wav'), answering(sound, 'audio/wav'));
    const response = await fetch(`${url}/audio/speech`, {
      method: 'POST',
      headers: jsonHeaders,
      body: `{"model":"${model}","input":"a","voice":"alloy"}`,
    });
    expect(response.headers.get('content-type')).to.equal('audio/wav');
    expect(response.headers.get('x-headgate-attempts')).to.match(/^one=empty\S*, two=200$/);
    expect(Buffer.from(await response.arrayBuffer()).equals(sound)).to.equal(true);
    expect(seen[1]?.body.toString()).to.equal('{"model":"real-model","input":"a","voice":"alloy"}');
  });

  it('gives an empty answer back with its media type, if no provider has another', async () => {
    const { url } = await start(answering('', 'audio/wav'));
    const body = `{"model":"${model}","input":"a"}`;
    const response = await fetch(`${url}/v1/audio/speech`, { method: 'POST', headers: jsonHeaders, body });
    expect([response.status, response.headers.get('content-type'), await response.text()]).to.deep.equal([
      200,
      'audio/wav',
      '',
    ]);
  });

  it('edits images, in a form and in JSON', async () => {
    const answer = '{"created":1,"data":[{"b64_json":"AAAA"}]}';
    const { url, seen } = await start(answering(answer));
    const asked = `{"model":"${model}","prompt":"a","images":[{"file_id":"f"}]}`;
    const response = await fetch(`${url}/v1/images/edits`, { method: 'POST', headers: jsonHeaders, body: asked });
    expect(await response.text()).to.equal(answer);
    expect(seen[0]?.headers['content-type']).to.equal('application/json');
    const image = await toFile(Buffer.from('PNG'), 'a.png', { type: 'image/png' });
    const edited = await officialClient({ url }).images.edit({ model, prompt: 'a', image: [image, image] });
    expect(edited.data?.[0]?.b64_json).to.equal('AAAA');
    expect(seen[1]?.headers['content-type']).to.match(/^multipart\/form-data; ?boundary=/);
    const { body } = seen[1] ?? { body: Buffer.alloc(0) };
    expect(body.toString()).to.include('\r\n\r\nreal-model\r\n').and.not.include(model);
  });

  describe("with OpenAI's own client", () => {
    const file = () => toFile(audio, 'a.mp3', { type: 'audio/mpeg' });

    it('transcribes, whole and streamed, and tells a stream that was cut', async () => {
      const { url, seen, count } = await start((outgoing, { body }) => {
        if (!body.includes('name="stream"')) answering('{"text":"hi"}')(outgoing);
        else if (body.includes('cut me')) streaming(deltas, true)(outgoing);
        else streaming([...deltas, done])(outgoing);
      });
      const { transcriptions } = officialClient({ url }).audio;
      expect((await transcriptions.create({ model, file: await file() })).text).to.equal('hi');
      expect(seen[0]?.body.includes(audio)).to.equal(true);
      const types = [];
      const params = { model, file: await file(), stream: true } as const;
      for await (const { type } of await transcriptions.create(params)) types.push(type);
      expect(types.at(-1)).to.equal('transcript.text.done');
      expect(count({ type: 'tokens' })).to.equal(1);
      let thrown: unknown = null;
      try {
        for await (const _ of await transcriptions.create({ ...params, prompt: 'cut me' }));
      } catch (error) {
        thrown = error;
      }
      expect(thrown).to.be.instanceOf(APIError).with.property('code', 'provider_stream_cut');
    });

    it('speaks, as audio and as events', async () => {
      const events = [
        'data: {"type":"speech.audio.delta","audio":"AAAA"}\n\n',
        'data: {"type":"speech.audio.done","usage":{"input_tokens":1,"output_tokens":2,"total_tokens":3}}\n\n',
      ];
      const { url } = await start((outgoing, { body }) =>
        body.includes('"sse"') ? streaming(events)(outgoing) : answering(audio, 'audio/mpeg')(outgoing),
      );
      const { speech } = officialClient({ url }).audio;
      const params = { model, input: 'a', voice: 'alloy' };
      expect(Buffer.from(await (await speech.create(params)).arrayBuffer()).equals(audio)).to.equal(true);
      expect(await (await speech.create({ ...params, stream_format: 'sse' })).text()).to.equal(events.join(''));
    });
  });
});
