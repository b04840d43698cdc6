/**
 * The start of most tests of whole gateways: one fake provider, and a configuration for it. Both are new for each test,
 * and all traffic and every gateway are ended after its test.
 */
import { afterEach, beforeEach } from 'mocha';
import { endGateways, type RunningGateway } from '../../scripts/rig/gateway.ts';
import type { ConfigInput } from '../../scripts/rig/gateway-config.ts';
import { type RunningMock, startMock } from '../../src/mock/server.ts';
import { gatewayConfig } from './gateway-config.ts';
import { endTraffic } from './traffic.ts';

/** The provider of the present test. */
export class OneProvider {
  #mock: RunningMock | null = null;

  /** Registers the hooks; call it in each `describe` whose tests need the provider. */
  use(): void {
    beforeEach(async () => {
      this.#mock = await startMock({ dialect: 'openai', port: 0 });
    });

    afterEach(async () => {
      await endTraffic();
      await endGateways();
      await this.#mock?.close();
      this.#mock = null;
    });
  }

  get port(): number {
    return this.#running.port;
  }

  /** For faults and shapes. */
  get control(): RunningMock['control'] {
    return this.#running.control;
  }

  get #running(): RunningMock {
    if (this.#mock === null) throw new Error('the provider exists only while a test runs');
    return this.#mock;
  }

  /** `gatewayConfig` for it. */
  get config(): ConfigInput {
    return gatewayConfig(this.port);
  }

  /** The same with the ports of `gateway`, for its successor. */
  onPortsOf(gateway: RunningGateway): ConfigInput {
    return { ...this.config, server: { port: gateway.port }, admin: { port: gateway.adminPort } };
  }
}
