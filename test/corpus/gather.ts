/**
 * Fetches the packages that `sources.json` lists, by the clients a developer would use, and takes the PDFs
 * out of them whose digests it knows. Everything goes to the cache folder and is fetched once.
 */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { runTool } from './tools.js';

export interface CorpusSource {
  readonly id: string;
  readonly channel: 'debian-source' | 'go' | 'maven' | 'npm';
  readonly package: string;
  /** Upstream's; a Debian source may carry any revision of it. */
  readonly version: string;
  readonly licence: string;
  /** SHA-256 of each file, by its path in the package, the top folder left out. */
  readonly files: Readonly<Record<string, string>>;
}

export interface CorpusFile {
  /** First 16 digits of its SHA-256, after its kind where it was made from another. */
  readonly id: string;
  readonly source: string;
  readonly name: string;
  readonly path: string;
}

export interface Gathered {
  readonly files: readonly CorpusFile[];
  /** Sources and files that could not be had, in words. */
  readonly missing: readonly string[];
}

export const CORPUS_CACHE = join(import.meta.dirname, '..', '..', '.ci-cache', 'corpus');

export function readSources(): readonly CorpusSource[] {
  const text = readFileSync(join(import.meta.dirname, 'sources.json'), 'utf8');
  return (JSON.parse(text) as { readonly sources: readonly CorpusSource[] }).sources;
}

export async function gather(sources: readonly CorpusSource[]): Promise<Gathered> {
  const files: CorpusFile[] = [];
  const missing: string[] = [];
  for (const source of sources) {
    const held = heldFiles(source);
    if (held.length < Object.keys(source.files).length) await take(source);
    const found = heldFiles(source);
    files.push(...found);
    const absent = Object.keys(source.files).length - found.length;
    if (absent > 0) missing.push(`${source.id}: ${absent} files`);
  }
  return { files, missing };
}

const storedAt = (sha256: string): string => join(CORPUS_CACHE, 'files', `${sha256}.pdf`);

function heldFiles(source: CorpusSource): readonly CorpusFile[] {
  return Object.entries(source.files)
    .filter(([, sha256]) => existsSync(storedAt(sha256)))
    .map(([name, sha256]) => ({
      id: sha256.slice(0, 16),
      source: source.id,
      name: basename(name),
      path: storedAt(sha256),
    }));
}

async function take(source: CorpusSource): Promise<void> {
  const folder = join(CORPUS_CACHE, 'packages', source.id);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  mkdirSync(join(CORPUS_CACHE, 'files'), { recursive: true });
  const archive = await FETCH[source.channel](source, folder);
  if (archive === undefined) return;
  const unpacked = join(folder, 'unpacked');
  mkdirSync(unpacked);
  const isZip = /\.(zip|jar)$/.test(archive);
  if (isZip) await runTool('unzip', ['-q', '-o', '-C', archive, '*.pdf', '-d', unpacked]);
  else {
    const only = ['--wildcards', '--no-anchored', '*.pdf', '*.PDF'];
    // tar has a fault to tell where one of the patterns matches nothing.
    await runTool('tar', ['-xf', archive, '-C', unpacked, ...only]);
  }
  const wanted = new Set(Object.values(source.files));
  for (const entry of readdirSync(unpacked, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/\.pdf$/i.test(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex');
    if (wanted.has(sha256)) renameSync(path, storedAt(sha256));
  }
  rmSync(folder, { recursive: true });
}

/** Downloads a package into `folder`; the path of its archive, or undefined where it cannot be had. */
type Fetch = (source: CorpusSource, folder: string) => Promise<string | undefined>;

const FETCH: Readonly<Record<CorpusSource['channel'], Fetch>> = {
  'debian-source': fetchDebianSource,
  go: fetchGoModule,
  maven: fetchMavenArtifact,
  npm: fetchNpmPackage,
};

function archiveIn(folder: string, pattern: RegExp): string | undefined {
  const found = readdirSync(folder).find((name) => pattern.test(name));
  return found === undefined ? undefined : join(folder, found);
}

async function fetchDebianSource(
  source: CorpusSource,
  folder: string,
): Promise<string | undefined> {
  const config = await sourceIndex();
  const args = ['source', '--download-only', '-q', source.package];
  await runTool('env', [`APT_CONFIG=${config}`, 'apt-get', ...args], folder);
  return archiveIn(folder, /\.orig\.tar\.(gz|xz|bz2)$/);
}

let indexed: Promise<string> | undefined;

/** An apt of our own that lists the sources of the machine's release; the machine's own is left as it is. */
function sourceIndex(): Promise<string> {
  return (indexed ??= makeSourceIndex());
}

const DEBIAN_KEYS = '/usr/share/keyrings/debian-archive-keyring.gpg';

async function makeSourceIndex(): Promise<string> {
  const folder = join(CORPUS_CACHE, 'apt');
  for (const each of ['lists/partial', 'cache/archives/partial']) {
    mkdirSync(join(folder, each), { recursive: true });
  }
  const format = '$(REPO_URI) $(SUITE) $(COMPONENT) $(ORIGIN)';
  const { stdout } = await runTool('apt-get', ['indextargets', '--format', format]);
  const signedBy = existsSync(DEBIAN_KEYS) ? `[signed-by=${DEBIAN_KEYS}]` : '';
  const lines = new Set<string>();
  for (const line of stdout.toString('utf8').split('\n')) {
    const [uri, suite, component, origin] = line.split(' ');
    if (origin !== 'Debian' || component !== 'main') continue;
    lines.add(`deb-src ${signedBy} ${uri ?? ''} ${suite ?? ''} main`);
  }
  writeFileSync(join(folder, 'sources.list'), `${[...lines].join('\n')}\n`);
  const config = join(folder, 'apt.conf');
  writeFileSync(
    config,
    [
      `Dir::Etc::sourcelist "${join(folder, 'sources.list')}";`,
      'Dir::Etc::sourceparts "-";',
      `Dir::State::lists "${join(folder, 'lists')}";`,
      `Dir::Cache "${join(folder, 'cache')}";`,
      'APT::Sandbox::User "root";',
      '',
    ].join('\n'),
  );
  await runTool('env', [`APT_CONFIG=${config}`, 'apt-get', 'update', '-q']);
  return config;
}

async function fetchGoModule(source: CorpusSource, folder: string): Promise<string | undefined> {
  writeFileSync(join(folder, 'go.mod'), 'module corpus\n');
  const name = `${source.package}@${source.version}`;
  const { stdout } = await runTool('go', ['mod', 'download', '-json', name], folder);
  const zip = /"Zip": "([^"]+)"/.exec(stdout.toString('utf8'))?.[1];
  return zip !== undefined && existsSync(zip) ? zip : undefined;
}

async function fetchMavenArtifact(
  source: CorpusSource,
  folder: string,
): Promise<string | undefined> {
  const goal = ['dependency:copy', `-Dartifact=${source.package}`, `-DoutputDirectory=${folder}`];
  await runTool('mvn', ['-q', '-B', ...goal], folder);
  return archiveIn(folder, /\.jar$/);
}

async function fetchNpmPackage(source: CorpusSource, folder: string): Promise<string | undefined> {
  await runTool('npm', ['pack', '--silent', `${source.package}@${source.version}`], folder);
  return archiveIn(folder, /\.tgz$/);
}
