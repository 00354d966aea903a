// What the machine must have: Debian packages, npm packages, the build. Shared by set-up and tests.
import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
export const CACHE = join(ROOT, '.ci-cache');

export const say = (text) => process.stderr.write(`${text}\n`);

export function run(command, args, options = {}) {
  const result = spawnSync(command, args, {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
    ...options,
  });
  return result.status ?? 1;
}

const succeeds = (command, args) => spawnSync(command, args, { stdio: 'ignore' }).status === 0;

function isInstalled(debianPackage) {
  const result = spawnSync('dpkg-query', ['-W', '-f=${Status}', debianPackage], {
    encoding: 'utf8',
  });
  return result.status === 0 && result.stdout.includes('install ok installed');
}

/**
 * Installs Debian packages as root or by sudo. `provides` names a command or file that makes the
 * package unnecessary (a compiler that is there already, however it came).
 * Returns the names that are still missing.
 */
export function ensureDebianPackages(wanted) {
  const missing = wanted.filter(
    ({ name, provides }) =>
      !(provides?.some((path) => existsSync(path)) ?? false) && !isInstalled(name),
  );
  if (missing.length === 0) return [];
  const names = missing.map(({ name }) => name);
  const asRoot =
    process.getuid?.() === 0 ? [] : succeeds('sudo', ['-n', 'true']) ? ['sudo', '-n'] : undefined;
  if (!succeeds('which', ['apt-get']) || asRoot === undefined) {
    say(`缺少系统软件包，且无权自动安装。请执行： sudo apt-get install ${names.join(' ')}`);
    say(
      `Missing Debian packages that may not be installed from here. Run: sudo apt-get install ${names.join(' ')}`,
    );
    return names;
  }
  say(`安装系统软件包 (Debian packages): ${names.join(' ')}`);
  const apt = (...args) => {
    const [command, ...rest] = [
      ...asRoot,
      'env',
      'DEBIAN_FRONTEND=noninteractive',
      'apt-get',
      ...args,
    ];
    return run(command, rest, { stdio: ['ignore', 'ignore', 'inherit'] });
  };
  if (apt('install', '-y', '-qq', '--no-install-recommends', ...names) !== 0) {
    apt('update', '-qq');
    apt('install', '-y', '-qq', '--no-install-recommends', ...names);
  }
  return names.filter((name) => !isInstalled(name));
}

const inUsrBin = (...names) => names.map((name) => `/usr/bin/${name}`);

/** To compile the two native packages (better-sqlite3, pkcs11js). */
export const BUILD_PACKAGES = [
  { name: 'python3', provides: [...inUsrBin('python3'), '/usr/local/bin/python3'] },
  { name: 'make', provides: inUsrBin('make') },
  { name: 'g++', provides: inUsrBin('g++', 'c++') },
];
/** To run quickstart: a software token, and an independent validator. */
export const RUN_PACKAGES = [
  { name: 'softhsm2', provides: ['/usr/lib/softhsm/libsofthsm2.so'] },
  { name: 'poppler-utils', provides: inUsrBin('pdfsig') },
];
/** Independent tools that the tests compare with; Java ones are built by scripts/java-tool.mjs. */
export const TEST_PACKAGES = [
  { name: 'qpdf' },
  { name: 'openssl' },
  { name: 'unzip' },
  { name: 'mupdf-tools' },
  // The key store that poppler signs with.
  { name: 'libnss3-tools', provides: inUsrBin('certutil') },
  { name: 'python3-venv' },
  // Drives the pages of the console.
  { name: 'chromium', provides: inUsrBin('chromium') },
  // Makes PDF/A files for veraPDF to judge.
  { name: 'ghostscript', provides: inUsrBin('gs') },
  // The PKCS#11 module that plays faults is compiled by its tests.
  { name: 'gcc', provides: inUsrBin('gcc') },
  { name: 'libp11-kit-dev', provides: ['/usr/include/p11-kit-1/p11-kit/pkcs11.h'] },
];

/** Programs that make PDFs for the corpus, and those that fetch packages which hold some. */
export const CORPUS_PACKAGES = [
  { name: 'librsvg2-bin', provides: inUsrBin('rsvg-convert') },
  { name: 'groff-base', provides: inUsrBin('groff') },
  { name: 'golang-go', provides: [...inUsrBin('go'), '/usr/local/go/bin/go'] },
  { name: 'maven', provides: inUsrBin('mvn') },
];

/** Installs the locked versions where node_modules was made from another lockfile, or is not there. */
export function ensureNodeModules() {
  const lock = createHash('sha256')
    .update(readFileSync(join(ROOT, 'package-lock.json')))
    .digest('hex');
  const marker = join(ROOT, 'node_modules', '.qianyin-lock');
  if (existsSync(marker) && readFileSync(marker, 'utf8') === lock) return true;
  const modules = lstatSync(join(ROOT, 'node_modules'), { throwIfNoEntry: false });
  if (modules?.isSymbolicLink()) {
    say('node_modules is that of another checkout, with other versions than the lockfile has');
    return true;
  }
  say('安装 npm 软件包，首次约需两分钟 (npm packages; about two minutes the first time) …');
  const headers = join(dirname(dirname(process.execPath)), 'include', 'node', 'node.h');
  const env = { ...process.env, npm_config_build_from_source: 'true', npm_config_jobs: 'max' };
  // Native packages compile against the headers beside node, where it has them, instead of fetching some.
  if (existsSync(headers)) env.npm_config_nodedir = dirname(dirname(dirname(headers)));
  // `ci` would take the lockfile for outdated where a mirror lacks other platforms' binaries; an
  // unsaved `install` keeps to the locked versions all the same, and the lockfile as it is.
  const args = ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'];
  const status = run('npm', args, { env });
  if (status === 0) writeFileSync(marker, lock);
  return status === 0;
}

function newestMtime(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return readdirSync(path).reduce(
    (newest, name) => Math.max(newest, newestMtime(join(path, name))),
    0,
  );
}

const CONSOLE = join(ROOT, 'src', 'console');

/** Compiles src/ to dist/, and the console's pages to dist/console, where a source is newer than what was built of it. */
export function ensureBuild() {
  return ensureService() && ensureConsole();
}

function ensureService() {
  const stamp = join(ROOT, 'dist', '.tsbuildinfo');
  const sources = Math.max(
    ...readdirSync(join(ROOT, 'src'))
      .map((room) => join(ROOT, 'src', room))
      .filter((room) => room !== CONSOLE)
      .map(newestMtime),
    newestMtime(join(ROOT, 'tsconfig.json')),
  );
  if (existsSync(stamp) && statSync(stamp).mtimeMs > sources) return true;
  say('编译 (build) …');
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  return build(tsc, ['-p', 'tsconfig.build.json']);
}

function ensureConsole() {
  const page = join(ROOT, 'dist', 'console', 'index.html');
  if (existsSync(page) && statSync(page).mtimeMs > newestMtime(CONSOLE)) return true;
  say('构建网页 (console pages) …');
  const vite = join(ROOT, 'node_modules', 'vite', 'bin', 'vite.js');
  return build(vite, ['build', '--config', join(CONSOLE, 'vite.config.mjs'), '--logLevel', 'warn']);
}

function build(program, args) {
  return run(process.execPath, [program, ...args], { stdio: ['ignore', 2, 2] }) === 0;
}

/** Programs of a Python of its own in the cache folder, with `packages`; undefined where they cannot be had. */
function ensurePython(name, packages) {
  const venv = join(CACHE, name);
  const programs = join(venv, 'bin');
  const marker = join(venv, '.installed');
  if (existsSync(marker) && readFileSync(marker, 'utf8') === packages.join(' ')) return programs;
  mkdirSync(CACHE, { recursive: true });
  say(`准备 ${name} (for the tests) …`);
  if (run('python3', ['-m', 'venv', venv], { stdio: 'ignore' }) !== 0) return undefined;
  const pip = ['-m', 'pip', 'install', '-q', '--disable-pip-version-check', ...packages];
  const python = join(programs, 'python');
  if (run(python, pip, { stdio: ['ignore', 'ignore', 'inherit'] }) !== 0) return undefined;
  writeFileSync(marker, packages.join(' '));
  return programs;
}

const PYHANKO = ['pyhanko==0.38.0', 'pyhanko-cli==0.6.0', 'python-pkcs11==0.10.1'];

/** A Python with pyHanko, as an independent validator; undefined where it cannot be had. */
export function ensurePyHanko() {
  const programs = ensurePython('pyhanko', PYHANKO);
  return programs === undefined ? undefined : join(programs, 'python');
}

const GMSSL = ['gmssl==3.2.2', 'asn1crypto==1.5.1'];

/** A Python with gmssl (BSD), SM2 by another house; undefined where it cannot be had. */
export function ensureGmssl() {
  const programs = ensurePython('gmssl', GMSSL);
  return programs === undefined ? undefined : join(programs, 'python');
}

const SCHEMATHESIS = ['schemathesis==4.32.5', 'hypothesis==6.170.17'];

/** The program that holds the API against its OpenAPI document; undefined where it cannot be had. */
export function ensureSchemathesis() {
  const programs = ensurePython('schemathesis', SCHEMATHESIS);
  return programs === undefined ? undefined : join(programs, 'schemathesis');
}

const VECTORS = 'cryptography-vectors==50.0.2';

/** NIST's path validation suite, out of a package that ships it; undefined where it cannot be had. */
export function ensurePkits(python) {
  const folder = join(CACHE, 'pkits');
  const marker = join(folder, '.installed');
  const data = join(folder, 'cryptography_vectors', 'x509', 'PKITS_data');
  if (existsSync(marker) && readFileSync(marker, 'utf8') === VECTORS) return data;
  mkdirSync(folder, { recursive: true });
  say('准备 PKITS 测试集 (path validation suite for the tests) …');
  const pip = ['-m', 'pip', 'download', '-q', '--no-deps', '--disable-pip-version-check'];
  if (
    run(python, [...pip, '-d', folder, VECTORS], { stdio: ['ignore', 'ignore', 'inherit'] }) !== 0
  ) {
    return undefined;
  }
  const script = [
    'import glob, os, sys, zipfile',
    'for wheel in glob.glob(sys.argv[1] + "/*.whl"):',
    '    with zipfile.ZipFile(wheel) as whole:',
    '        whole.extractall(sys.argv[1], [n for n in whole.namelist() if "/PKITS_data/c" in n])',
    '    os.remove(wheel)',
  ].join('\n');
  if (run(python, ['-c', script, folder]) !== 0) return undefined;
  writeFileSync(marker, VECTORS);
  return data;
}
