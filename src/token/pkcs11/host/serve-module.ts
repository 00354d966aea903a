/** Inside a module's process: answers the calls on the pipe with the module's tokens. */
import type { Duplex } from 'node:stream';
import { AppError, Secret, silentLogger, systemClock } from '../../../kernel/index.js';
import type { SigningKey } from '../../index.js';
import { ModuleTokens } from '../module-tokens.js';
import { FrameReader, encodeFrame, type Frame } from './frames.js';
import {
  wireError,
  wireKey,
  wireListing,
  type HostRequest,
  type HostResponse,
  type HostSettings,
} from './messages.js';

const NO_BYTES = new Uint8Array(0);

interface Answer {
  readonly value?: unknown;
  readonly body?: Uint8Array;
}

/** Serves until the service closes the pipe, then logs out of every token. */
export async function serveModule(pipe: Duplex): Promise<void> {
  const host = new ModuleHost();
  const reader = new FrameReader();
  const end = new Promise<void>((resolve) => {
    pipe.once('end', resolve).once('error', () => resolve());
  });
  pipe.on('data', (chunk: Buffer) => {
    for (const frame of reader.take(chunk)) void respond(frame);
  });
  const respond = async ({ header, body }: Frame): Promise<void> => {
    const request = header as HostRequest;
    const { response, bytes } = await answer(host, request, body);
    pipe.write(encodeFrame(response, bytes));
  };
  await end;
  await host.close();
}

async function answer(
  host: ModuleHost,
  request: HostRequest,
  body: Uint8Array,
): Promise<{ readonly response: HostResponse; readonly bytes: Uint8Array }> {
  const { id } = request;
  try {
    const { value, body: bytes = NO_BYTES } = await host.answer(request, body);
    return { response: { id, value }, bytes };
  } catch (error) {
    return { response: { id, error: wireError(error) }, bytes: NO_BYTES };
  }
}

class ModuleHost {
  readonly #keys = new Map<number, SigningKey>();
  #module: ModuleTokens | undefined;
  #lastKeyId = 0;

  async answer(request: HostRequest, body: Uint8Array): Promise<Answer> {
    switch (request.call) {
      case 'start':
        this.#module = startModule(request.settings);
        return {};
      case 'list':
        return { value: wireListing(await this.#started().list()) };
      case 'find': {
        const { tokens, faults } = await this.#started().find();
        const present = tokens.map(({ slotId, label, serial }) => ({ slotId, label, serial }));
        return { value: { tokens: present, faults } };
      }
      case 'open': {
        using pin = Secret.fromBytes(body);
        const { token, selector, confirmFinalTry } = request;
        const key = await this.#started().open(token, selector, { pin, confirmFinalTry });
        const keyId = ++this.#lastKeyId;
        this.#keys.set(keyId, key);
        return { value: wireKey(keyId, key) };
      }
      case 'sign':
        return { body: await this.#key(request.keyId).sign(body, request.scheme) };
      case 'release': {
        const key = this.#keys.get(request.keyId);
        this.#keys.delete(request.keyId);
        await key?.[Symbol.asyncDispose]();
        return {};
      }
    }
  }

  async close(): Promise<void> {
    await this.#module?.close();
  }

  #started(): ModuleTokens {
    if (this.#module === undefined) throw new AppError('token-failed', 'no module was named');
    return this.#module;
  }

  #key(keyId: number): SigningKey {
    const key = this.#keys.get(keyId);
    if (key === undefined) throw new AppError('token-absent', 'the key was closed');
    return key;
  }
}

function startModule({ modulePath, ...options }: HostSettings): ModuleTokens {
  return new ModuleTokens(modulePath, { ...options, logger: silentLogger, clock: systemClock });
}
