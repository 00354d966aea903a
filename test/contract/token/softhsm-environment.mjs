/**
 * Test environment with a SoftHSM configuration of its own. SoftHSM reads SOFTHSM2_CONF from the
 * real environment of the process, while tests see a copy of it; so it is set out here, before.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestEnvironment } from 'jest-environment-node';

export default class SoftHsmEnvironment extends TestEnvironment {
  constructor(config, context) {
    const directory = mkdtempSync(join(tmpdir(), 'qianyin-softhsm-'));
    process.env.SOFTHSM2_CONF = join(directory, 'softhsm2.conf');
    super(config, context);
    this.directory = directory;
    this.global.softHsmDirectory = directory;
  }

  async teardown() {
    await super.teardown();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
