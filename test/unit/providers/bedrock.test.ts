import { expect } from 'chai';
import { describe, it } from 'mocha';
import { bedrock } from '../../../src/providers/bedrock.ts';
import { addressOf, framingOf, pathAt, speaks } from '../../../src/providers/registry.ts';

const all = Object.keys(bedrock.dialects);

function spokenBy(model: string): string[] {
  return all.filter((dialect) => speaks({ type: 'bedrock', dialects: all }, dialect, model));
}

describe('the provider bedrock', () => {
  it('has an address in each region', () => {
    expect(addressOf(bedrock, { region: 'eu-central-1' })).to.equal(
      'https://bedrock-runtime.eu-central-1.amazonaws.com',
    );
    expect(addressOf(bedrock, {})).to.equal(null);
    const { pattern } = bedrock.settings?.region ?? {};
    for (const region of ['us-east-1', 'ap-southeast-2', 'us-gov-west-1', 'us-iso-east-1']) {
      expect(pattern?.test(region), region).to.equal(true);
    }
    for (const region of ['', 'eu', 'eu-central-1.example/', 'EU-central-1']) {
      expect(pattern?.test(region), region).to.equal(false);
    }
  });

  it('names the model in the path of Converse, with all that a path cannot hold encoded', () => {
    const path = (model: string, stream: boolean) =>
      pathAt(bedrock, 'bedrock-converse', { model, stream, settings: {} });
    expect(path('anthropic.claude-3-haiku-20240307-v1:0', false)).to.equal(
      '/model/anthropic.claude-3-haiku-20240307-v1%3A0/converse',
    );
    expect(path('arn:aws:bedrock:eu-west-1:1:application-inference-profile/a', true)).to.equal(
      '/model/arn%3Aaws%3Abedrock%3Aeu-west-1%3A1%3Aapplication-inference-profile%2Fa/converse-stream',
    );
  });

  it('asks each model in what it speaks', () => {
    for (const model of [
      'us.anthropic.claude-opus-4-7',
      'anthropic.claude-sonnet-5-5',
      'global.anthropic.claude-opus-5',
    ]) {
      expect(spokenBy(model), model).to.deep.equal(['anthropic-messages', 'bedrock-converse']);
    }
    for (const model of [
      ...['anthropic.claude-v2:1', 'anthropic.claude-3-haiku-20240307-v1:0', 'us.anthropic.claude-opus-4-6-v1'],
      ...['eu.anthropic.claude-sonnet-4-20250514-v1:0', 'amazon.nova-pro-v1:0', 'us.meta.llama4-scout-17b-v1:0'],
      'arn:aws:bedrock:eu-west-1:1:application-inference-profile/a',
    ]) {
      expect(spokenBy(model), model).to.deep.equal(['bedrock-converse']);
    }
    expect(spokenBy('openai.gpt-oss-120b-1:0')).to.deep.equal(['openai-chat', 'bedrock-converse']);
    expect(spokenBy('us.openai.gpt-6-sol')).to.deep.equal(['openai-chat', 'openai-responses', 'bedrock-converse']);
  });

  it('frames the streams of Converse alone in its own way', () => {
    expect(all.map((dialect) => framingOf(bedrock, dialect))).to.deep.equal(['sse', 'sse', 'sse', 'aws-event-stream']);
  });
});
