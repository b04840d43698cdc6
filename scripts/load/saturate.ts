/** Closed loop on bare sockets: the most requests that a target answers. */
import { ClientConnection, requestsFor } from './client-connection.ts';
import type { Saturated, Saturation } from './protocol.ts';

/** Every connection sends its next request as soon as the last one is answered. A broken connection is replaced. */
export function saturate({ target, connections, seconds }: Saturation): Promise<Saturated> {
  const requests = requestsFor(target);
  const open = new Set<ClientConnection>();
  let sent = 0;
  let answered = 0;
  let failed = 0;
  const ask = (connection: ClientConnection): void => {
    const request = requests[sent++ % requests.length];
    if (request === undefined) return;
    connection.send(request, {
      read({ done, status }) {
        if (!done) return;
        answered += 1;
        if (status >= 300) failed += 1;
        ask(connection);
      },
      broken() {
        failed += 1;
        open.delete(connection);
        begin();
      },
    });
  };
  const begin = () => {
    const connection = new ClientConnection(target.port);
    open.add(connection);
    ask(connection);
  };
  for (let index = 0; index < connections; index += 1) begin();
  return new Promise((resolve) => {
    setTimeout(() => {
      for (const connection of open) connection.close();
      resolve({ requests: answered, failed, perSecond: answered / seconds });
    }, seconds * 1000);
  });
}
