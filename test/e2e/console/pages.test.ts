/** The public pages as people use them: a real browser, a real service, contracts signed by quickstart. */
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { bytesToLatin1, latin1ToBytes } from '../../../src/kernel/index.js';
import { PdfDict, PdfStream, type PdfRef } from '../../../src/pdf/index.js';
import { appendRevision } from '../../support/append-revision.js';
import { overhang, violations } from '../../support/accessibility.js';
import { openBrowser } from '../../support/browser.js';
import { configureWith, makeInstallation, type Installation } from '../../support/installation.js';
import { startServer, type ServerProcess } from '../../support/processes.js';

let installation: Installation;
let server: ServerProcess;
let browser: Browser | undefined;
let context: BrowserContext;
let page: Page;
/** What the browser complained about, and where it went. */
let complaints: string[];
let origins: Set<string>;

const files = { contract: '', unsigned: '', altered: '', text: '', textAsPdf: '' };

beforeAll(async () => {
  browser = await openBrowser();
  if (browser === undefined) return;
  installation = makeInstallation();
  server = await startServer(configureWith(installation, { port: 0 }));
  const folder = join(installation.directory, 'files');
  const name = readdirSync(folder).find((each) => /^SLCG-\d+\.pdf$/.test(each))!;
  files.contract = join(folder, name);
  files.unsigned = files.contract.replace(/\.pdf$/, '-0.pdf');
  files.altered = join(folder, '改过账号.pdf');
  writeFileSync(files.altered, withOtherAccount(readFileSync(files.contract)));
  files.text = join(folder, '说明.txt');
  files.textAsPdf = join(folder, '其实不是.pdf');
  for (const file of [files.text, files.textAsPdf]) writeFileSync(file, 'hello');
}, 180_000);

afterAll(async () => {
  await browser?.close();
  if (browser === undefined) return;
  await server.stop();
  rmSync(installation.directory, { recursive: true, force: true });
});

beforeEach(async () => {
  if (browser === undefined) return;
  context = await browser.newContext({ viewport: { width: 1100, height: 900 } });
  page = await open(context, server.url);
});

afterEach(() => context.close());

async function open(where: BrowserContext, url: string): Promise<Page> {
  const opened = await where.newPage();
  complaints = [];
  origins = new Set();
  opened.on('console', (message) => complaints.push(message.text()));
  opened.on('pageerror', (error) => complaints.push(error.message));
  opened.on('request', (request) => {
    if (!request.url().startsWith('data:')) origins.add(new URL(request.url()).origin);
  });
  await opened.goto(url);
  // The page is there when its script has drawn it, which is after the load event.
  await opened.getByRole('heading', { level: 1 }).waitFor();
  return opened;
}

/** The digits of the supplier's account on page 2 changed by an appended revision: what a swindler does. */
function withOtherAccount(pdf: Uint8Array): Uint8Array {
  return appendRevision(new Uint8Array(pdf), (writer, document) => {
    const ref = document.pages.get(1).dict.get('Contents') as PdfRef;
    const content = bytesToLatin1((document.resolve(ref) as PdfStream).data());
    // 6 2 0…0 1, each character as the number of its glyph: the zeros become twos.
    const altered = content.replace(
      /<([0-9A-F]{4})([0-9A-F]{4})([0-9A-F]{4})\3{15}([0-9A-F]{4})>/,
      (_run, six: string, two: string, _zero: string, one: string) =>
        `<${six}${two.repeat(17)}${one}>`,
    );
    expect(altered).not.toBe(content);
    writer.set(ref, PdfStream.of(PdfDict.of({}), latin1ToBytes(altered)));
  });
}

/** Runs only where there is a browser; `openBrowser` has said so otherwise, and fails in CI. */
const inBrowser = (name: string, run: () => Promise<void>): void =>
  it(name, async () => {
    if (browser !== undefined) await run();
  });

async function verify(...paths: readonly string[]): Promise<Locator> {
  await page.getByTestId('files').setInputFiles([...paths]);
  const results = page.getByRole('article');
  for (let i = 0; i < paths.length; i++) await results.nth(i).getByTestId('verdict').waitFor();
  return results.first();
}

describe('verification', () => {
  inBrowser(
    'says of a sound contract that it is, who signed it, when, with which seal',
    async () => {
      const result = await verify(files.contract);
      expect(await result.getByTestId('verdict').textContent()).toContain(
        '有效：所有签名均通过验证',
      );
      const signatures = result.getByTestId('signature');
      expect(await signatures.count()).toBe(2);
      const text = async (index: number): Promise<string> =>
        (await signatures.nth(index).textContent()) ?? '';
      expect(await text(0)).toContain('示例智联办公设备有限公司');
      expect(await text(1)).toContain('示例市教育局');
      expect(await text(1)).toContain('11990100MB0A00001L');
      expect(await text(1)).toMatch(/\d{4}年\d{1,2}月\d{1,2}日/);
      expect(await text(1)).toContain('图样与印章一致');
      expect(await text(0)).toContain('增加了签名');
      const picture = signatures.nth(1).getByRole('img', { name: /在页面上的图样/ });
      await picture.waitFor();
      expect(
        await picture.evaluate((image: HTMLImageElement) => image.naturalWidth),
      ).toBeGreaterThan(100);
      const now = signatures
        .nth(1)
        .locator('dl > div', { has: page.getByText('现在状态', { exact: true }) });
      await now.filter({ hasText: '有效' }).waitFor();
      expect(complaints).toEqual([]);
      expect([...origins]).toEqual([new URL(server.url).origin]);
    },
  );

  inBrowser('gives the report to take away, as JSON and as PDF', async () => {
    const result = await verify(files.contract);
    const saved = async (button: string): Promise<Buffer> => {
      const download = page.waitForEvent('download');
      await result.getByRole('button', { name: button }).click();
      return readFileSync(await (await download).path());
    };
    expect(JSON.parse((await saved('下载 JSON 报告')).toString('utf8'))).toMatchObject({
      indication: 'TOTAL-PASSED',
      signatures: [{ field: 'Supplier' }, { field: 'Buyer' }],
    });
    expect((await saved('下载 PDF 报告')).toString('latin1', 0, 5)).toBe('%PDF-');
  });

  inBrowser('shows what was changed after signing, and where', async () => {
    const result = await verify(files.altered);
    const verdict = await result.getByTestId('verdict').textContent();
    expect(verdict).toContain('无效');
    expect(verdict).toContain('签名之后文件又被改动');
    const first = result.getByTestId('signature').first();
    expect(await first.textContent()).toContain('页面内容被改动');
    await first.getByRole('button', { name: '查看改动前后的页面' }).click();
    const differences = first.getByTestId('difference');
    await differences.first().waitFor();
    const titles = await differences.locator('h6').allTextContents();
    expect(titles).toEqual(['第 2 页有变化不允许', '第 6 页有变化允许']);
    const account = differences.first();
    const pictures = account.locator('svg');
    // A close-up and the page, each before and after.
    expect(await pictures.count()).toBe(4);
    const marks = await account.locator('svg').first().locator('rect').count();
    expect(marks).toBe(1);
    expect(complaints).toEqual([]);
  });

  inBrowser('says that a file is not signed, and what to do', async () => {
    const result = await verify(files.unsigned);
    const verdict = await result.getByTestId('verdict').textContent();
    expect(verdict).toContain('文件没有签名');
    expect(verdict).toContain('原始 PDF');
  });

  inBrowser('refuses what is no PDF, without an upload where that is plain', async () => {
    let uploads = 0;
    page.on('request', (request) => {
      if (request.method() === 'POST') uploads++;
    });
    for (const [file, sent] of [
      [files.text, 0],
      [files.textAsPdf, 1],
    ] as const) {
      const result = await verify(file);
      expect(await result.getByTestId('verdict').textContent()).toContain('不是 PDF 文件');
      expect(uploads).toBe(sent);
    }
  });

  inBrowser('takes several files that are dropped anywhere on the page', async () => {
    const dropped = [files.contract, files.unsigned].map((file) => ({
      name: file.split('/').at(-1)!,
      content: readFileSync(file).toString('base64'),
    }));
    const transfer = await page.evaluateHandle((all) => {
      const data = new DataTransfer();
      for (const { name, content } of all) {
        const bytes = Uint8Array.from(atob(content), (character) => character.charCodeAt(0));
        data.items.add(new File([bytes], name, { type: 'application/pdf' }));
      }
      return data;
    }, dropped);
    await page.dispatchEvent('footer', 'drop', { dataTransfer: transfer });
    const results = page.getByRole('article');
    await results.nth(1).getByTestId('verdict').waitFor();
    expect(await results.nth(0).getByTestId('verdict').textContent()).toContain('有效');
    expect(await results.nth(1).getByTestId('verdict').textContent()).toContain('没有签名');
    expect(await page.getByRole('status').first().textContent()).toContain('已完成 2 / 2 个文件');
    await results.nth(0).getByRole('button', { name: /^移除/ }).click();
    expect(await results.count()).toBe(1);
  });

  inBrowser('works by keyboard alone', async () => {
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('跳到正文');
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: '选择文件' }).focus();
    await page.keyboard.press('Enter');
    await (await chooser).setFiles(files.unsigned);
    await page.getByTestId('verdict').waitFor();
    await page.getByText('文件信息').focus();
    await page.keyboard.press('Enter');
    expect(await page.getByText('SHA-256').isVisible()).toBe(true);
  });

  inBrowser('speaks English where asked, and the next time too', async () => {
    const result = await verify(files.contract);
    await page.getByRole('button', { name: 'English' }).click();
    expect(await result.getByTestId('verdict').textContent()).toContain('every signature passes');
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('en');
    await page.reload();
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(
      'Verify signatures and seals',
    );
  });
});

describe('what goes wrong', () => {
  inBrowser('is said with what to do: too large, too many, no connection', async () => {
    const narrow = await startServer(
      configureWith(installation, {
        port: 0,
        limits: { uploadBytes: 1024 * 1024 },
        rateLimits: { verificationsPerMinute: 3 },
      }),
    );
    try {
      page = await open(context, narrow.url);
      const large = join(installation.directory, '大文件.pdf');
      writeFileSync(large, Buffer.concat([readFileSync(files.unsigned), Buffer.alloc(2 ** 21)]));
      const verdictOf = async (file: string): Promise<string> =>
        (await (await verify(file)).getByTestId('verdict').textContent()) ?? '';
      expect(await verdictOf(large)).toMatch(/文件太大.*不能超过 1 MB/);
      for (let i = 0; i < 2; i++) expect(await verdictOf(files.unsigned)).toContain('没有签名');
      expect(await verdictOf(files.unsigned)).toMatch(/请求太频繁.*等 \d+ 秒/);
      await context.setOffline(true);
      expect(await verdictOf(files.unsigned)).toMatch(/连接不上服务.*检查网络/);
      await context.setOffline(false);
    } finally {
      await narrow.stop();
    }
  });
});

describe('the status of a seal', () => {
  inBrowser('is found by its code', async () => {
    await page.getByRole('link', { name: '印章查询' }).click();
    const code = page.getByLabel('印章编码');
    await code.fill('123');
    await page.getByRole('button', { name: '查询' }).click();
    expect(await page.getByText('印章编码应为 13 位数字').isVisible()).toBe(true);
    expect(await code.evaluate((input) => input === document.activeElement)).toBe(true);
    await code.fill('9901000000001');
    await code.press('Enter');
    const found = page.getByRole('article');
    await found.waitFor();
    expect(await found.textContent()).toContain('示例市教育局');
    await code.fill('0000000000000');
    await code.press('Enter');
    await page.getByText('本系统没有登记这枚印章').waitFor();
  });
});

describe('accessibility', () => {
  it.each([
    ['a desk', 1100],
    ['a phone', 360],
  ])('has no fault that axe finds, nor sideways scrolling, on %s', async (_name, width) => {
    if (browser === undefined) return;
    // The checker is put into the page, which the page's own policy forbids.
    await using checked = await browser.newContext({
      bypassCSP: true,
      viewport: { width, height: 800 },
    });
    page = await open(checked, server.url);
    expect(await violations(page)).toEqual([]);
    const result = await verify(files.altered, files.unsigned, files.contract, files.text);
    await result.getByRole('button', { name: '查看改动前后的页面' }).first().click();
    await page.getByTestId('difference').first().waitFor();
    await page.evaluate(() => {
      for (const fold of document.querySelectorAll('details')) fold.open = true;
    });
    expect(await violations(page)).toEqual([]);
    expect(await overhang(page)).toBeLessThanOrEqual(0);
    await page.goto(`${server.url}/seals`);
    await page.getByLabel('印章编码').fill('9901000000001');
    await page.getByRole('button', { name: '查询' }).click();
    await page.getByRole('article').waitFor();
    expect(await violations(page)).toEqual([]);
    expect(await overhang(page)).toBeLessThanOrEqual(0);
  });
});

describe('the files of the pages', () => {
  inBrowser(
    'are served under a strict policy, compressed, and kept where their name tells their content',
    async () => {
      const html = await fetch(`${server.url}/`);
      const policy = html.headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self'");
      expect(policy).not.toContain('unsafe');
      expect(html.headers.get('cache-control')).toBe('no-cache');
      const text = await html.text();
      expect(text).not.toMatch(/<style|style=|<script(?![^>]*\ssrc=)/);
      const linked = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1]!);
      expect(linked.filter((link) => link.startsWith('/assets/')).length).toBeGreaterThan(1);
      for (const link of linked) {
        expect(link).toMatch(/^\/[^/]/);
        const file = await fetch(server.url + link);
        expect(file.status).toBe(200);
        if (!link.startsWith('/assets/')) continue;
        expect(file.headers.get('cache-control')).toContain('immutable');
        // Below that, compressing saves no packet.
        const isSmall = (await file.arrayBuffer()).byteLength < 1024;
        if (!isSmall) expect(file.headers.get('content-encoding')).not.toBeNull();
      }
      expect((await fetch(`${server.url}/seals`)).status).toBe(200);
      for (const path of ['/assets/none.js', '/..%2f..%2fpackage.json', '/index']) {
        const reply = await fetch(server.url + path);
        expect([path, reply.status]).toEqual([path, path === '/index' ? 200 : 404]);
      }
    },
  );
});
