/** What changes the gateway: a reload, a replacement of processes, a circuit closed by hand. */
import type { Express } from 'express';
import type { AdminActions } from '../admin-actions.ts';
import { refuse } from '../refuse.ts';

/** Adds the routes of POST. */
export function addCommandRoutes(app: Express, actions: AdminActions): void {
  app.post('/api/reload', async (request, response) => {
    // An address of IPv4 has another form on a socket of IPv6.
    const address = (request.socket.remoteAddress ?? 'unknown').replace(/^::ffff:(?=[\d.]+$)/i, '');
    response.json(await actions.reload(`the admin port (${address})`));
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
