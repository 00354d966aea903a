// A server that speaks MongoDB's protocol, for the contract suite of src/store/mongo: built once with
// Maven and the JDK into .ci-cache/, started on a free loopback port. Run alone, it prints the URI and
// serves until its input or the process ends.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { buildJavaTool } from './java-tool.mjs';

const START_TIMEOUT_MS = 30_000;

/**
 * Builds what is missing and starts the server.
 * @returns {Promise<{uri: string, stop: () => Promise<void>} | {skipped: string}>}
 */
export async function startMongoTestServer() {
  const built = buildJavaTool('mongo-server');
  if ('skipped' in built) return built;

  const child = spawn('java', ['-Xmx256m', '-cp', built.classPath, 'MongoTestServer'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const uri = await Promise.race([
    firstLine(child.stdout),
    ended.then(() => undefined),
    new Promise((resolve) => setTimeout(resolve, START_TIMEOUT_MS).unref()),
  ]);
  if (uri === undefined) {
    child.kill('SIGKILL');
    return { skipped: 'the MongoDB test server did not start' };
  }
  return {
    uri: `${uri}/qianyin-test`,
    async stop() {
      child.stdin.end();
      const timer = setTimeout(() => child.kill('SIGKILL'), 5_000);
      await ended;
      clearTimeout(timer);
    },
  };
}

async function firstLine(stream) {
  for await (const line of createInterface({ input: stream })) return line;
  return undefined;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const server = await startMongoTestServer();
  process.stdout.write(`${server.uri ?? server.skipped}\n`);
  if (server.uri === undefined) {
    process.exitCode = 1;
  } else {
    const stop = () => void server.stop().then(() => process.exit());
    process.stdin.on('end', stop).resume();
    process.on('SIGINT', stop).on('SIGTERM', stop);
  }
}
