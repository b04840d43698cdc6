import { expect } from 'chai';
import { describe, it } from 'mocha';
import { GatewayError } from '../../../../../src/shared/errors.ts';
import { checkMediaType } from '../../../../../src/worker/request/arrival/media-type.ts';

const json = 'application/json';

describe('a body of JSON', () => {
  for (const type of [json, 'Application/JSON', `${json}; charset=utf-8`, `${json} ;charset=utf-8`]) {
    it(`may be sent as ${type}`, () => {
      expect(() => checkMediaType('json', { 'content-type': type })).not.to.throw();
    });
  }

  for (const type of [undefined, '', 'text/plain', 'application/jsonl', 'application/x-ndjson', ` ${json}`, 'json']) {
    it(`is refused as ${type ?? 'nothing'}`, () => {
      const headers = type === undefined ? {} : { 'content-type': type };
      expect(() => checkMediaType('json', headers))
        .to.throw(GatewayError, 'The content-type should be application/json.')
        .that.includes({ status: 415, code: 'unsupported_media_type' });
    });
  }
});
