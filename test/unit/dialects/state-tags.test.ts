/** Ids of kept answers with a mark, in bytes that are else those of the provider, however it writes them. */
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { SseSplitter } from '../../../src/wire/sse.ts';
import { answerContext, codecOf } from '../../helpers/codecs.ts';

const stateTag = '0a1b2c3d';
const mark = `hg1${stateTag}_`;
const responses = codecOf('openai-responses', 'openai-responses');
const messages = codecOf('anthropic-messages', 'anthropic-messages');

/** What a client gets of these bytes, as events that come in one piece. */
function streamed(text: string, codec = responses, tagged = true): string {
  const stream = codec.stream(answerContext(tagged ? { stateTag } : {}));
  return new SseSplitter()
    .push(Buffer.from(text))
    .map((event) => stream.push(event).bytes.toString())
    .join('');
}

const whole = (fields: object) => ({ object: 'response', status: 'completed', output: [{ type: 'x' }], ...fields });

describe('marked ids of a whole answer', () => {
  const answered = (text: string, tagged = true) =>
    responses.answer(Buffer.from(text), answerContext(tagged ? { stateTag } : {}), null).body.toString();

  it('are those of the answer and of the one before, and no others', () => {
    const text = `{ "metadata":{"id":"resp_1"},\n"previous_response_id" : "resp_1","id":"resp_2", "output":[{"type":"message","id":"msg_2","content":[]},{"type":"x"}], "big": 9007199254740993 }`;
    const expected = text.replace(': "resp_1"', `: "resp_${mark}1"`).replace('"resp_2"', `"resp_${mark}2"`);
    expect(answered(text)).to.equal(expected);
    expect(answered(text, false)).to.equal(text);
  });

  it('are none where there is no id', () => {
    for (const fields of [{}, { id: null }, { id: 7 }, { id: '' }, { previous_response_id: null }]) {
      const text = JSON.stringify(whole(fields));
      expect(answered(text)).to.equal(text);
    }
  });
});

describe('marked ids of a stream', () => {
  const created = (id: string) => JSON.stringify({ type: 'response.created', response: whole({ id, output: [] }) });

  it('are those of its answer, in all events that hold it', () => {
    const text = `: hi\n\nevent: response.created\nid: 7\ndata: ${created('resp_1')}\n\n`;
    expect(streamed(text)).to.equal(text.replace('resp_1', `resp_${mark}1`));
    expect(streamed(text, responses, false)).to.equal(text);
  });

  it('are found at the beginning of a large answer too', () => {
    const output = [{ type: 'x', data: 'y'.repeat(2_000_000) }];
    const text = `data: ${JSON.stringify({ type: 'response.completed', response: whole({ id: 'resp_1', output }) })}\n\n`;
    expect(streamed(text) === text.replace('resp_1', `resp_${mark}1`)).to.equal(true);
  });

  it('are no others, whatever a text says', () => {
    const delta =
      'data: {"type":"response.output_text.delta","item_id":"msg_1","delta":"{\\"response\\":{\\"id\\":\\"resp_1\\"}}"}\n\n';
    const word = 'data: {"type":"response.output_text.delta","item_id":"msg_1","delta":"response"}\n\n';
    const item = 'data: {"type":"response.output_item.done","item":{"type":"x","response":{"id":"resp_1"}}}\n\n';
    for (const text of [delta, word, item]) expect(streamed(text)).to.equal(text);
  });

  it('are found in data of several lines', () => {
    const text =
      'event: response.created\ndata: {"type":"response.created",\ndata:  "response":{"id":\ndata: "resp_1","output":[]}}\n\n';
    const marked = streamed(text);
    const data = [...marked.matchAll(/^data: (.*)$/gm)].map(([, line]) => line).join('\n');
    expect(JSON.parse(data).response.id).to.equal(`resp_${mark}1`);
    expect(marked).to.match(/^event: response\.created\ndata: /);
    expect(marked).to.match(/[^\n]\n\n$/);
  });

  it('are found in data of several lines that stand among other fields, which stay', () => {
    for (const end of ['\n', '\r\n', '\r']) {
      const lines = ['event: x', 'data: {"response":', 'id: 7', 'data: {"id":"resp_1"}}', 'retry: 9', ': hi', '', ''];
      const marked = streamed(lines.join(end));
      const [, one, other, ...behind] = marked.split(/\r\n|[\r\n]/);
      expect([one, other]).to.deep.equal(['data: {"response":', `data: {"id":"resp_${mark}1"}}`]);
      expect(behind).to.deep.equal(['id: 7', 'retry: 9', ': hi', '', '']);
    }
  });

  it('are that of the message that begins', () => {
    const text = `event: message_start\ndata: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","content":[],"usage":{"input_tokens":1,"output_tokens":1}}}\n\nevent: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}\n\n`;
    expect(streamed(text, messages)).to.equal(text.replace('msg_1', `msg_${mark}1`));
  });

  it('stay where it breaks off', () => {
    const stream = responses.stream(answerContext({ stateTag }));
    const [event] = new SseSplitter().push(Buffer.from(`data: ${created('resp_1')}\n\n`));
    if (event === undefined) throw new Error('there is no event');
    stream.push(event);
    expect(stream.soFar?.answer.id).to.equal(`resp_${mark}1`);
  });
});
