// A server that speaks MongoDB's protocol, for the contract suite of src/store/mongo: built once with
// Maven and the JDK into .ci-cache/, started on a free loopback port. Run alone, it prints the URI and
// serves until its input or the process ends.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const sources = join(root, 'test/support/mongo-server');
const START_TIMEOUT_MS = 30_000;

/**
 * Builds what is missing and starts the server.
 * @returns {Promise<{uri: string, stop: () => Promise<void>} | {skipped: string}>}
 */
export async function startMongoTestServer() {
  for (const tool of ['java', 'javac', 'mvn']) {
    if (spawnSync(tool, ['-version'], { stdio: 'ignore' }).error !== undefined) {
      return { skipped: `no ${tool}: install maven and default-jdk-headless` };
    }
  }
  const built = build();
  if (built.skipped !== undefined) return built;

  const classPath = [join(built.directory, 'classes'), join(built.directory, 'jars', '*')];
  const child = spawn('java', ['-Xmx256m', '-cp', classPath.join(delimiter), 'MongoTestServer'], {
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

/** Classes and jars of this version of the sources; made aside and renamed, so half a build is never used. */
function build() {
  const names = ['pom.xml', 'MongoTestServer.java'];
  const hash = createHash('sha256');
  for (const name of names) hash.update(readFileSync(join(sources, name)));
  const cache = join(root, '.ci-cache');
  const directory = join(cache, `mongo-server-${hash.digest('hex').slice(0, 16)}`);
  if (existsSync(directory)) return { directory };

  const unfinished = `${directory}.${process.pid}`;
  const jars = join(unfinished, 'jars');
  mkdirSync(jars, { recursive: true });
  const steps = [
    [
      'mvn',
      '-q',
      '-B',
      '-f',
      join(sources, 'pom.xml'),
      'dependency:copy-dependencies',
      `-DoutputDirectory=${jars}`,
      '-DincludeScope=runtime',
    ],
    [
      'javac',
      '-cp',
      join(jars, '*'),
      '-d',
      join(unfinished, 'classes'),
      join(sources, 'MongoTestServer.java'),
    ],
  ];
  for (const [command, ...args] of steps) {
    const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
    if (status !== 0) {
      rmSync(unfinished, { recursive: true, force: true });
      const reason = `${stdout}${stderr}`.split('\n').find((line) => line.trim() !== '') ?? '';
      return { skipped: `the MongoDB test server cannot be built (${command}): ${reason}` };
    }
  }
  try {
    renameSync(unfinished, directory);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    if (!existsSync(directory)) throw error;
  }
  return { directory };
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
