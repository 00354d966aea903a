/** Who a killed service talks to: an authority that fails every other time, and a receiver of webhooks. */
import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Peer {
  readonly url: string;
  stop(): Promise<void>;
}

/** Passes time-stamp requests on to `target`, and answers every other one with 503. */
export async function startFlakyAuthority(target: string): Promise<Peer> {
  let count = 0;
  return listen(
    createServer((incoming, answer) => {
      if (count++ % 2 === 0) {
        incoming.resume();
        answer.writeHead(503).end();
        return;
      }
      const { method, headers } = incoming;
      const onward = httpRequest(target, { method, headers }, (reply) => {
        answer.writeHead(reply.statusCode ?? 502, reply.headers);
        reply.pipe(answer);
      });
      onward.on('error', () => answer.destroy());
      incoming.pipe(onward);
    }),
  );
}

export interface WebhookReceiver extends Peer {
  /** How often each message came, by its `webhook-id`. */
  readonly messages: ReadonlyMap<string, number>;
}

export async function startWebhookReceiver(): Promise<WebhookReceiver> {
  const messages = new Map<string, number>();
  const peer = await listen(
    createServer((incoming, answer) => {
      incoming.resume();
      incoming.on('end', () => {
        const id = String(incoming.headers['webhook-id']);
        messages.set(id, (messages.get(id) ?? 0) + 1);
        answer.writeHead(204).end();
      });
    }),
  );
  return { ...peer, messages };
}

async function listen(server: Server): Promise<Peer> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
