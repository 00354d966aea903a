// Java programs that serve tests (servers, implementations of others): each a folder of test/support with a
// pom.xml and its sources, built once with Maven and the JDK into .ci-cache/ and named after their content.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Builds `test/support/NAME` where it is not built yet.
 * @returns {{classPath: string} | {skipped: string}} the class path, or why there is none
 */
export function buildJavaTool(name) {
  for (const tool of ['java', 'javac', 'mvn']) {
    if (spawnSync(tool, ['-version'], { stdio: 'ignore' }).error !== undefined) {
      return { skipped: `no ${tool}: install maven and default-jdk-headless` };
    }
  }
  const sources = join(root, 'test/support', name);
  const names = readdirSync(sources).filter((each) => /^pom\.xml$|\.java$/.test(each));
  const hash = createHash('sha256');
  for (const each of names.sort()) hash.update(readFileSync(join(sources, each)));
  const directory = join(root, '.ci-cache', `${name}-${hash.digest('hex').slice(0, 16)}`);
  const classPath = [join(directory, 'classes'), join(directory, 'jars', '*')].join(delimiter);
  if (existsSync(directory)) return { classPath };

  // Made aside and renamed, so that half a build is never used.
  const unfinished = `${directory}.${process.pid}`;
  const jars = join(unfinished, 'jars');
  mkdirSync(jars, { recursive: true });
  const pom = join(sources, 'pom.xml');
  const java = names.filter((each) => each.endsWith('.java')).map((each) => join(sources, each));
  const copy = ['dependency:copy-dependencies', `-DoutputDirectory=${jars}`];
  const steps = [
    ['mvn', '-q', '-B', '-f', pom, ...copy, '-DincludeScope=runtime'],
    [
      'javac',
      '-encoding',
      'UTF-8',
      '-cp',
      join(jars, '*'),
      '-d',
      join(unfinished, 'classes'),
      ...java,
    ],
  ];
  for (const [command, ...args] of steps) {
    const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
    if (status !== 0) {
      rmSync(unfinished, { recursive: true, force: true });
      const reason = `${stdout}${stderr}`.split('\n').find((line) => line.trim() !== '') ?? '';
      return { skipped: `${name} cannot be built (${command}): ${reason}` };
    }
  }
  try {
    renameSync(unfinished, directory);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    if (!existsSync(directory)) throw error;
  }
  return { classPath };
}
