import { expect } from 'chai';
import { describe, it } from 'mocha';
import { checkTracing } from '../../../../src/config/checks/check-tracing.ts';
import { treeFromObject } from '../../../../src/config/source/source-tree.ts';
import { faultsOf, load, smallest } from '../../../helpers/config-text.ts';

describe('traces in a configuration', () => {
  const withTracing = (settings: string) => `tracing: { ${settings} }\n${smallest}`;

  it('are off by default, and have defaults where they are on', () => {
    expect(load(smallest)).not.to.have.property('tracing');
    expect(load(withTracing('endpoint: "http://127.0.0.1:4318/"')).tracing).to.deep.equal({
      endpoint: 'http://127.0.0.1:4318',
      sample: 1,
      headers: {},
      serviceName: 'headgate',
      conventions: 'v1.41',
    });
  });

  it('have the name that the configuration says, else the environment, else that of the gateway', () => {
    const environment = { OTEL_SERVICE_NAME: 'edge', OTEL_RESOURCE_ATTRIBUTES: 'service.name=llm' };
    const nameOf = (settings: string, of: Record<string, string>) =>
      load(withTracing(`endpoint: "http://h"${settings}`), { environment: of }).tracing?.serviceName;
    expect(nameOf(', service_name: written', environment)).to.equal('written');
    expect(nameOf('', environment)).to.equal('edge');
    expect(nameOf('', { ...environment, OTEL_SERVICE_NAME: '' })).to.equal('llm');
    expect(nameOf('', {})).to.equal('headgate');
  });

  it('need packages that are installed beside the gateway, which the fault names with the command', () => {
    const tree = treeFromObject({ tracing: { endpoint: 'http://127.0.0.1:4318' } }, 'file');
    const [fault] = checkTracing(tree, (name) => name === '@opentelemetry/api');
    expect(fault?.message).to.equal(
      'should be left out while packages that traces need are not installed: @opentelemetry/sdk-trace, @opentelemetry/resources, @opentelemetry/exporter-trace-otlp-http',
    );
    expect(fault?.hint).to.match(/npm install @opentelemetry\/api@1\.10\.0 @opentelemetry\/sdk-trace@3\.1\.0 /);
    expect(checkTracing(treeFromObject({}, 'file'), () => false)).to.deep.equal([]);
  });

  it('are wrong with another address than that of a collector', () => {
    for (const endpoint of ['127.0.0.1:4318', 'http://user:password@host', 'http://host/v1/traces']) {
      const [fault] = faultsOf(withTracing(`endpoint: "${endpoint}"`));
      expect(fault?.message).to.match(/^should be the http\(s\) URL of a collector/);
    }
  });

  it('keep their headers secret', () => {
    const { secrets } = load(withTracing('endpoint: "http://h", headers: { authorization: "Bearer canary" }'));
    expect(secrets).to.include('Bearer canary');
    const [fault] = faultsOf(withTracing('endpoint: "http://h", headers: { authorization: "cänary" }'));
    expect(fault?.message).not.to.include('cänary');
  });
});
