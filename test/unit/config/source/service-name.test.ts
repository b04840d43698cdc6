import { resourceAttributesEnvDetector } from '@opentelemetry/resources';
import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import { serviceNameOf } from '../../../../src/config/source/service-name.ts';

describe('the name that an environment has for the service', () => {
  afterEach(() => {
    delete process.env.OTEL_RESOURCE_ATTRIBUTES;
  });

  it('is that of OTEL_SERVICE_NAME, else that among the resource attributes', () => {
    const list = 'k8s.pod.name=gateway-1,service.name=llm';
    expect(serviceNameOf({ OTEL_SERVICE_NAME: 'edge', OTEL_RESOURCE_ATTRIBUTES: list })).to.equal('edge');
    expect(serviceNameOf({ OTEL_SERVICE_NAME: ' ', OTEL_RESOURCE_ATTRIBUTES: list })).to.equal('llm');
    expect(serviceNameOf({ OTEL_RESOURCE_ATTRIBUTES: 'k8s.pod.name=gateway-1' })).to.equal(null);
    expect(serviceNameOf({})).to.equal(null);
  });

  it('is read from the attributes as the SDK reads it', () => {
    const lists = [
      ...['service.name=a%2Cb%3Dc', ' service.name = spaced , a=b,', 'service.name=first,service.name=last'],
      ...['service.name=a=b', 'service.name=a,broken', 'service.name=a,=b', 'service.name=100%', 'service%2Ename=a'],
      ...[`service.name=${'a'.repeat(255)}`, `service.name=${'a'.repeat(256)}`, `service.name=a,${'k'.repeat(256)}=b`],
      ...['service.name=', 'service.name', ',', ''],
    ];
    for (const list of lists) {
      process.env.OTEL_RESOURCE_ATTRIBUTES = list;
      const { attributes = {} } = resourceAttributesEnvDetector.detect();
      expect(serviceNameOf({ OTEL_RESOURCE_ATTRIBUTES: list }), list).to.equal(attributes['service.name'] || null);
    }
  });
});
