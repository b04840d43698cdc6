/** What changes the gateway: a reload, a replacement of processes, a circuit closed by hand. */
import type { Express, Request } from 'express';
import { ASKER_HEADER, askers } from '../../../shared/http/asker.ts';
import type { AdminActions } from '../admin-actions.ts';
import { refuse } from '../refuse.ts';

/** Adds the routes of POST. */
export function addCommandRoutes(app: Express, actions: AdminActions): void {
  app.post('/api/reload', async (request, response) => {
    response.json(await actions.reload(askerOf(request)));
  });

  app.post('/api/restart', async (request, response) => {
    if (request.query.all !== undefined) {
      await actions.checkConfig();
      response.status(202).json({ status: 'handing over' });
      response.on('close', () => actions.handOver());
      return;
    }
    await actions.roll();
    response.json({ status: 'replaced' });
  });

  app.post('/api/circuits/:provider/reset', (request, response) => {
    const { provider } = request.params;
    if (!actions.resetCircuit(provider)) {
      const known = actions.status().circuits.map((circuit) => circuit.provider);
      return refuse(response, 404, `no provider is named ${JSON.stringify(provider)}; there are ${known.join(', ')}`);
    }
    response.json({ provider, state: 'closed' });
  });
}

/**
 * Who asks, in words of our own: no text of the request is taken into what people read. The command and the page say what
 * they are; whoever else asks is known by the port.
 */
function askerOf(request: Request): string {
  // An address of IPv4 has another form on a socket of IPv6.
  const address = (request.socket.remoteAddress ?? 'unknown').replace(/^::ffff:(?=[\d.]+$)/i, '');
  const asker = request.headers[ASKER_HEADER];
  const who = typeof asker === 'string' && Object.hasOwn(askers, asker) ? askers[asker] : undefined;
  return `${who ?? 'the admin port'} (${address})`;
}
