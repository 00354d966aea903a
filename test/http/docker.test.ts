/**
 * The files under docker/ held to the source, as far as it goes without a container engine: what they
 * copy, set, call and ask for is there.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadConfig, readEnv, type Config } from '../../src/config/index.js';
import { namedSettings } from '../../src/config/settings.js';
import { ServiceFixture } from './service-fixture.js';

// It comes with the test runner, without types.
const { load } = createRequire(import.meta.url)('js-yaml') as { load(text: string): unknown };

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

interface Instruction {
  readonly name: string;
  readonly rest: string;
}
interface Stage {
  readonly name: string;
  readonly base: string;
  readonly instructions: readonly Instruction[];
}
interface ComposeService {
  readonly image: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly secrets?: readonly string[];
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly networks?: readonly string[];
  readonly depends_on?: readonly string[] | Readonly<Record<string, object>>;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
}
interface Compose {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
  readonly volumes: Readonly<Record<string, null>>;
  readonly networks?: Readonly<Record<string, object | null>>;
}

function stages(): readonly Stage[] {
  const lines = read('docker/Dockerfile')
    .replace(/^\s*#.*\n/gm, '')
    .replace(/\\\n\s*/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const found: { name: string; base: string; instructions: Instruction[] }[] = [];
  for (const line of lines) {
    const [name = '', ...words] = line.trim().split(/\s+/);
    const rest = words.join(' ');
    if (name === 'FROM')
      found.push({ name: words[2] ?? '', base: words[0] ?? '', instructions: [] });
    else found.at(-1)?.instructions.push({ name, rest });
  }
  return found;
}

const STAGES = stages();
const stage = (name: string): Stage => STAGES.find((each) => each.name === name)!;
const restsOf = (from: Stage, name: string): readonly string[] =>
  from.instructions.filter((each) => each.name === name).map(({ rest }) => rest);

/** Settings that the image has. */
const IMAGE_ENV = Object.fromEntries(
  restsOf(stage('service'), 'ENV').flatMap((rest) =>
    rest.split(' ').map((pair) => pair.split('=') as [string, string]),
  ),
);

const compose = (file: string): Compose => load(read(`docker/${file}`)) as Compose;
const COMPOSE = ['compose.yaml', 'compose.cluster.yaml'].map((file) => ({
  file,
  made: compose(file),
}));
const ownServices = ({ services }: Compose) =>
  Object.entries(services).filter(([, { image }]) => image === 'qianyin');

describe('the image', () => {
  it('copies what is there, is not kept out, and is all that runs', () => {
    const allowed = read('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    const copied: string[] = [];
    for (const each of STAGES) {
      for (const rest of restsOf(each, 'COPY')) {
        const [first = '', ...others] = rest.split(' ');
        const from = /^--from=(.*)$/.exec(first)?.[1];
        const sources = (from === undefined ? [first, ...others] : others).slice(0, -1);
        for (const source of sources) {
          if (from === undefined) {
            expect(existsSync(join(ROOT, source))).toBe(true);
            expect(allowed).toContain(source);
          } else {
            expect(STAGES.map(({ name }) => name)).toContain(from);
            expect(['/app/node_modules', '/app/dist']).toContain(source);
          }
          if (each.name === 'service') copied.push(source.replace('/app/', ''));
        }
      }
    }
    // Whatever the program looks for beside itself.
    const looked = readdirSync(join(ROOT, 'src/app'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .flatMap((name) => [...read(`src/app/${name}`).matchAll(/join\(PACKAGE_ROOT, '([^']+)'/g)])
      .map(([, path = '']) => path);
    expect(looked).toEqual(expect.arrayContaining(['package.json', 'CHANGELOG.md', 'templates']));
    expect(copied).toEqual(expect.arrayContaining(looked));
  });

  it('is built with scripts and files that there are', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const called = STAGES.flatMap((each) => restsOf(each, 'RUN')).flatMap((rest) =>
      [...rest.matchAll(/npm run ([\w:]+)/g)].map(([, name = '']) => name),
    );
    expect(called).toEqual(['build']);
    for (const name of called) expect(scripts[name]).toBeDefined();
    const files = [...scripts['build']!.matchAll(/[\w./]+\.(?:json|mjs)/g)].map(([path]) => path);
    const copied = restsOf(stage('build'), 'COPY').join(' ').split(' ');
    for (const file of files) {
      expect(existsSync(join(ROOT, file))).toBe(true);
      expect(copied).toContain(file.split('/')[0]);
    }
  });

  it('runs Node 20 on Debian 12 as another than root, without tools for trials or building', () => {
    expect(read('docker/Dockerfile')).toMatch(/^ARG NODE_IMAGE=node:20\.[\d.]+-bookworm-slim$/m);
    expect(STAGES.at(-1)).toMatchObject({ base: 'service', instructions: [] });
    for (const name of ['service', 'trial'])
      expect(restsOf(stage(name), 'USER').at(-1)).toBe('node');
    const installed = restsOf(stage('service'), 'RUN').join(' ');
    expect(installed).toContain('poppler-utils');
    expect(installed).not.toMatch(/softhsm|opensc|g\+\+|make/);
  });

  it('has settings that there are and no secret among them', () => {
    const settings = namedSettings();
    const known = settings.map(({ variable }) => variable);
    const secret = settings
      .filter(({ setting }) => setting.isSecret)
      .map(({ variable }) => variable);
    const set = [
      ...Object.keys(IMAGE_ENV),
      ...COMPOSE.flatMap(({ made }) =>
        ownServices(made).flatMap(([, { environment }]) => Object.keys(environment ?? {})),
      ),
    ].filter((name) => name.startsWith('QIANYIN_'));
    expect(set.length).toBeGreaterThan(5);
    for (const name of set) expect(known).toContain(name);
    for (const name of [...secret, 'QIANYIN_PIN']) expect(set).not.toContain(name);
    expect(restsOf(stage('service'), 'ARG')).toEqual([]);
  });
});

describe('its health check', () => {
  const health = restsOf(stage('service'), 'HEALTHCHECK')[0] ?? '';
  const [program = '', ...args] = JSON.parse(/CMD (\[.*\])$/.exec(health)?.[1] ?? '[]') as string[];
  const port = IMAGE_ENV['QIANYIN_PORT']!;
  let fixture: ServiceFixture;
  beforeAll(async () => {
    fixture = await ServiceFixture.start();
  }, 60_000);
  afterAll(() => fixture.stop());

  const check = (at: string): Promise<number | null> =>
    new Promise((resolve) => {
      const moved = args.map((each) => each.replace(`:${port}/`, `:${at}/`));
      expect(moved).not.toEqual(args);
      spawn(program, moved, { stdio: 'ignore' }).once('exit', resolve);
    });

  it('passes where the service answers, and only there', async () => {
    expect(await check(new URL(fixture.url).port)).toBe(0);
    expect(await check('1')).toBe(1);
  });
});

describe.each(COMPOSE)('$file', ({ made, file }) => {
  it('names only what it defines', () => {
    const { services, secrets, volumes, networks = {} } = made;
    for (const each of Object.values(services)) {
      const { depends_on: others = [] } = each;
      const names = Array.isArray(others) ? (others as readonly string[]) : Object.keys(others);
      for (const name of names) expect(Object.keys(services)).toContain(name);
      for (const name of each.secrets ?? []) expect(Object.keys(secrets)).toContain(name);
      for (const name of each.networks ?? []) expect(Object.keys(networks)).toContain(name);
      for (const volume of each.volumes ?? []) {
        const [source = ''] = volume.split(':');
        if (!source.startsWith('./')) expect(Object.keys(volumes)).toContain(source);
        // What operators bring is kept out of the repository.
        else if (source !== './trust') expect(existsSync(join(ROOT, 'docker', source))).toBe(true);
      }
    }
    for (const { file: path } of Object.values(secrets)) expect(path).toMatch(/^\.\/secrets\//);
    expect(read('.gitignore')).toContain('docker/secrets/');
  });

  it('runs commands that there are, bounded, on the image that is built here', () => {
    const own = ownServices(made);
    expect(own.length).toBe(file === 'compose.yaml' ? 1 : 3);
    for (const [, service] of own) {
      const [command = '', ...flags] = service.command!;
      const help = spawnSync(process.execPath, ['dist/bin/qianyin.js', command, '--help'], {
        cwd: ROOT,
        encoding: 'utf8',
      });
      expect(help.status).toBe(0);
      for (const flag of flags.filter((each) => each.startsWith('--'))) {
        expect(help.stdout).toContain(flag);
      }
      const secret = /^\/run\/secrets\/(.*)$/.exec(flags.at(-1)!)?.[1];
      expect(service.secrets).toContain(secret);
      expect(existsSync(join(ROOT, service.build!.dockerfile))).toBe(true);
      expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'] });
      expect(service.volumes).toContain(`data:${IMAGE_ENV['QIANYIN_DATA_DIRECTORY']!}`);
    }
  });

  it('gives a configuration that the service accepts', () => {
    for (const [, { environment = {} }] of ownServices(made)) {
      const env = { ...IMAGE_ENV, ...environment, QIANYIN_PUBLIC_URL: 'https://example.gov.cn' };
      expect(environment['QIANYIN_PUBLIC_URL']).toMatch(/^\$\{PUBLIC_URL:\?/);
      const isCluster = file !== 'compose.yaml';
      const config: Config = loadConfig({
        env: readEnv(env),
        fileText: isCluster ? read('docker/config.example.json') : '{}',
      });
      expect(config.environment).toBe('production');
      expect(config.store.kind).toBe(isCluster ? 'mongodb' : 'sqlite');
      expect(config.trustedProxies).toBe(1);
    }
  });
});

describe('the address before the cluster', () => {
  const cluster = COMPOSE[1]!.made;
  const nginx = read('docker/nginx.conf');

  it('leads to every process on the port it listens on, and to nothing else', () => {
    const servers = [...nginx.matchAll(/^\s*server ([\w-]+):(\d+)/gm)].map(([, name, port]) => [
      name,
      port,
    ]);
    expect(servers).toEqual(
      ownServices(cluster).map(([name]) => [name, IMAGE_ENV['QIANYIN_PORT']]),
    );
    expect(cluster.services['gateway']?.ports).toEqual([
      `443:${/listen (\d+) ssl/.exec(nginx)?.[1] ?? ''}`,
    ]);
    const secrets = [...nginx.matchAll(/\/run\/secrets\/([\w-]+)/g)].map(([, name]) => name);
    expect(cluster.services['gateway']?.secrets).toEqual(secrets);
  });

  it('lets through what the service takes', () => {
    const megabytes = Number(/client_max_body_size (\d+)m/.exec(nginx)?.[1]);
    const { limits } = loadConfig({ env: {} });
    expect(megabytes * 1024 * 1024).toBeGreaterThan(limits.uploadBytes);
  });

  it('has members that the init script and the connection string name', () => {
    const members = Object.keys(cluster.services).filter((name) => /^mongo-\d$/.test(name));
    const uri = (
      JSON.parse(read('docker/config.example.json')) as { store: { mongodbUri: string } }
    ).store.mongodbUri;
    expect(uri).toContain(`@${members.join(',')}/qianyin?replicaSet=rs0`);
    const script = read('docker/mongo-init.sh');
    expect(script).toContain(`[${members.map((name) => name.slice(-1)).join(', ')}]`);
    expect(script).toContain('_id: "rs0"');
    expect(spawnSync('bash', ['-n', join(ROOT, 'docker/mongo-init.sh')]).status).toBe(0);
    expect([...script.matchAll(/\/run\/secrets\/([\w-]+)/g)].map(([, name]) => name)).toEqual(
      cluster.services['mongo-init']?.secrets,
    );
  });
});
