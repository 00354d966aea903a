// What tests need beside the sources: packages, the build, pyHanko, gmssl, PKITS, a MongoDB server. Whatever cannot be had
// is said once, and the tests that need it are skipped.
import { join, relative } from 'node:path';
import {
  BUILD_PACKAGES,
  ROOT,
  RUN_PACKAGES,
  TEST_PACKAGES,
  ensureBuild,
  ensureDebianPackages,
  ensureGmssl,
  ensureNodeModules,
  ensurePkits,
  ensurePyHanko,
  ensureSchemathesis,
  run,
  say,
} from './environment.mjs';

/** Whether tests under `folder` are among those that jest's arguments select; all are where they name none. */
function isSelected(folder, args) {
  const paths = args
    .filter((each) => !each.startsWith('-'))
    .map((each) => relative(ROOT, each))
    .filter((each) => each === 'test' || each.startsWith('test/'));
  const meets = (each) => `${each}/`.startsWith(folder) || folder.startsWith(each);
  return paths.length === 0 || paths.some(meets);
}

/**
 * Sets up what the tests that `args` (of jest) select need.
 * @returns {Promise<{env: Record<string, string>, stop: () => Promise<void>} | undefined>} variables for
 *   jest, and what ends the servers that were started; undefined where tests cannot run at all
 */
export async function prepareTests(args) {
  const missing = ensureDebianPackages([...BUILD_PACKAGES, ...RUN_PACKAGES, ...TEST_PACKAGES]);
  if (missing.length > 0 && process.env.CI === 'true') return undefined;
  if (!ensureNodeModules() || !ensureBuild()) return undefined;
  const env = {};
  if (isSelected('test/interop/', args) || isSelected('test/e2e/', args)) prepareJudges(env);
  if (isSelected('test/interop/http/', args)) prepareSchemathesis(env);
  if (isSelected('test/interop/eseal/', args)) prepareGmssl(env);
  const asksMongo = isSelected('test/contract/', args) || isSelected('test/e2e/', args);
  if (process.env.MONGODB_URI !== undefined || !asksMongo) {
    return { env, stop: () => Promise.resolve() };
  }
  const { startMongoTestServer } = await import('./mongo-test-server.mjs');
  const mongo = await startMongoTestServer();
  if (!('uri' in mongo)) {
    say(`skipped: tests against MongoDB: ${mongo.skipped}`);
    return { env, stop: () => Promise.resolve() };
  }
  env.MONGODB_URI = mongo.uri;
  return { env, stop: () => mongo.stop() };
}

/** Validators and vectors of others; variables that are set already name the caller's own. */
function prepareJudges(env) {
  const python = process.env.PYHANKO_PYTHON ?? ensurePyHanko();
  if (python === undefined) {
    say('skipped: pyHanko could not be installed; tests that compare with it are skipped');
    say('skipped: PKITS could not be fetched; NIST path validation tests are skipped');
    return;
  }
  env.PYHANKO_PYTHON = python;
  const pkits = process.env.PKITS_DIR ?? ensurePkits(python);
  if (pkits !== undefined) env.PKITS_DIR = pkits;
  else say('skipped: PKITS could not be fetched; NIST path validation tests are skipped');
}

function prepareGmssl(env) {
  const python = process.env.GMSSL_PYTHON ?? ensureGmssl();
  if (python !== undefined) env.GMSSL_PYTHON = python;
  else say('skipped: gmssl could not be installed; seals are not held against it');
}

function prepareSchemathesis(env) {
  const program = process.env.SCHEMATHESIS ?? ensureSchemathesis();
  if (program !== undefined) env.SCHEMATHESIS = program;
  else
    say('skipped: Schemathesis could not be installed; the API is not held against its document');
}

/** Runs jest with the flag that ESM test files need; its exit status. */
export function runJest(args, env) {
  const nodeOptions =
    `${process.env.NODE_OPTIONS ?? ''} --experimental-vm-modules --no-warnings`.trim();
  return run(process.execPath, [join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js'), ...args], {
    stdio: 'inherit',
    env: { ...process.env, ...env, NODE_OPTIONS: nodeOptions },
  });
}
