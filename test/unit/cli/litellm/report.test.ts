/** The report of an import. */
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { reportLines } from '../../../../src/cli/litellm/report.ts';

describe('the report', () => {
  it('has one line for places that differ in a number alone', () => {
    const rpm = [0, 1, 2, 5, 9].map((index) => ({ path: `model_list[${index}].litellm_params.rpm`, why: 'no limits' }));
    const other = { path: 'model_list[0].litellm_params.tpm', why: 'no limits' };
    expect(
      reportLines([...rpm, other])
        .slice(1)
        .map((line) => line.replaceAll(/ {2,}/g, ' | ')),
    ).to.deep.equal([
      'model_list[0, 1, 2 and 2 more].litellm_params.rpm | no limits',
      'model_list[0].litellm_params.tpm | no limits',
    ]);
    expect(reportLines([])).to.deep.equal(['all of it was carried over']);
  });
});
