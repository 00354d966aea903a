/** The contract pages as people use them: a real browser, the whole service, an award from the trading system. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { Role } from '../../src/access/index.js';
import { Secret } from '../../src/kernel/index.js';
import { sampleContractData } from '../../src/sandbox/sample/index.js';
import { signAt } from '../http/confirmed-contract.js';
import { principal, ServiceFixture, type Reply } from '../http/service-fixture.js';
import { overhang, violations } from '../support/accessibility.js';
import { openBrowser } from '../support/browser.js';
import { paragraph, wordFile } from '../support/word-file.js';

const PASSWORD = 'correct-horse-battery-1';
const HANDLER = 'wang-handler';
const SUPPLIER = 'li-supplier';
const today = new Date();
const data = sampleContractData({ number: 'HT-PAGE-0', today });

/** As copied from a spreadsheet: names of columns, an amount with a separator, one that is missing. */
const ITEMS = [
  ['品名', '规格型号及主要技术参数', '数量', '单位', '单价', '金额'],
  ['台式计算机', '八核处理器，内存 16 GB', '10', '台', '4980', '49,800.00'],
  ['激光打印机', 'A4 黑白激光，自动双面', '4', '台', '2150.50', ''],
]
  .map((row) => row.join('\t'))
  .join('\r\n');
const TOTAL = '58402.00';

/** What the page has, whose types are not those of this program. */
interface Browsing {
  readonly DataTransfer: new () => { setData(type: string, text: string): void };
  readonly ClipboardEvent: new (type: string, init: object) => Event;
}
const KEPT = '[Object.keys(localStorage), Object.keys(sessionStorage), document.cookie]';

let fixture: ServiceFixture;
let browser: Browser | undefined;
let context: BrowserContext;
let page: Page;
let complaints: string[];
let origins: Set<string>;

beforeAll(async () => {
  browser = await openBrowser();
  if (browser === undefined) return;
  fixture = await ServiceFixture.start({ hasPages: true });
  const root = principal(['system-administrator']);
  const add = async (name: string, role: Role, unit: string): Promise<void> => {
    const unitId = fixture.unitId(unit);
    const password = Secret.fromText(PASSWORD);
    const wanted = { name, kind: 'person', roles: [role], unitId, password } as const;
    await fixture.service.services.accounts.create(root, wanted);
  };
  await add(HANDLER, 'unit-handler', 'buyer');
  await add(SUPPLIER, 'supplier-signer', 'supplier');
  const { tenderId, tenderTitle, procurementMethod, regionCode, buyer, supplier } = data;
  const taken = await fixture.call('POST', '/awards', {
    as: 'trading-system',
    json: {
      externalRef: 'ZB-PAGE-1',
      award: {
        tenderId,
        tenderTitle,
        procurementMethod,
        regionCode,
        noticeDate: data.award.date,
        amount: TOTAL,
        buyer: { name: buyer.name, creditCode: buyer.creditCode },
        supplier: { name: supplier.name, creditCode: supplier.creditCode },
      },
    },
  });
  expect(taken.status).toBe(201);
}, 120_000);

afterAll(async () => {
  await browser?.close();
  if (browser !== undefined) await fixture.stop();
});

beforeEach(async () => {
  if (browser === undefined) return;
  context = await browser.newContext({ viewport: { width: 1100, height: 900 } });
  page = await open(context);
});
afterEach(() => context.close());

async function open(where: BrowserContext): Promise<Page> {
  const opened = await where.newPage();
  opened.setDefaultTimeout(60_000);
  complaints = [];
  origins = new Set();
  opened.on('console', (message) => {
    // Refusals of the service are part of the story; what the page makes of them is looked at.
    if (!/^Failed to load resource/.test(message.text())) complaints.push(message.text());
  });
  opened.on('pageerror', (error) => complaints.push(error.message));
  opened.on('request', (request) => {
    if (/^http/.test(request.url())) origins.add(new URL(request.url()).origin);
  });
  await opened.goto(`${fixture.url}/contracts`);
  await opened.getByRole('heading', { level: 1 }).waitFor();
  return opened;
}

/** For machines that do much else at the time. */
const PATIENCE_MS = 180_000;

const inBrowser = (name: string, run: () => Promise<void>): void =>
  it(
    name,
    async () => {
      if (browser !== undefined) await run();
    },
    PATIENCE_MS,
  );

async function logIn(account: string, password = PASSWORD): Promise<void> {
  await page.getByLabel('账号', { exact: true }).fill(account);
  await page.getByLabel('口令').fill(password);
  await page.getByRole('button', { name: '登录', exact: true }).click();
}

async function begin(isUpload?: { readonly file: string }): Promise<void> {
  await page.getByRole('link', { name: '起草合同' }).click();
  await page.getByLabel('合同模板').selectOption('goods@2');
  if (isUpload !== undefined) {
    await page.getByLabel('上传已有的 PDF 或 Word 文件').check();
    await page.getByLabel('合同文件').setInputFiles(isUpload.file);
  }
  const award = page.getByLabel('中标（成交）结果');
  await award
    .getByRole('option', { name: new RegExp(data.tenderId) })
    .waitFor({ state: 'attached' });
  await award.selectOption({ index: 1 });
  await page.getByRole('button', { name: '开始填写' }).click();
}

async function pasteInto(section: string, text: string): Promise<void> {
  const table = page.getByRole('group', { name: section }).getByRole('region');
  await table.evaluate((element, pasted) => {
    const { DataTransfer, ClipboardEvent } = globalThis as unknown as Browsing;
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', pasted);
    const init = { clipboardData, bubbles: true, cancelable: true };
    (element as unknown as EventTarget).dispatchEvent(new ClipboardEvent('paste', init));
  }, text);
}

/** What the award leaves open. */
async function fillIn(number: string, amount: string): Promise<void> {
  const field = (label: string) => page.getByLabel(label);
  await field('合同编号').fill(number);
  await field('合同名称').fill('示例市教育局办公设备采购合同');
  for (const [section, party] of [
    ['采购人（甲方）', data.buyer],
    ['供应商（乙方）', data.supplier],
  ] as const) {
    const group = page.getByRole('group', { name: section });
    await group.getByLabel('地址').fill(party.address);
    await group.getByLabel('法定代表人').fill(party.representative);
    await group.getByLabel('联系电话').fill(party.contactPhone);
  }
  await field('预算单位编码').fill(data.buyer.budgetCode);
  await pasteInto('标的清单', ITEMS);
  await page.getByText('已粘贴 2 行').waitFor();
  await page.getByRole('button', { name: '按数量和单价填写空的金额' }).click();
  await field('合同金额（元）').fill(amount);
  await field('履约开始日期').fill(data.period.startDate);
  await field('履约结束日期').fill(data.period.endDate);
  await field('履约地点').fill(data.deliveryPlace);
  await field('签订地点').fill(data.signingPlace);
  await field('质保期（月）').fill('36');
  await pasteInto(
    '付款计划',
    `付款条件\t占合同金额的比例\t付款金额\n验收合格后 15 个工作日内\t100\t${TOTAL}`,
  );
}

/** The id of the element that has the focus. */
const focused = (): Promise<string | null> => page.locator(':focus').getAttribute('id');

const contractOf = async (number: string): Promise<Reply['body']> => {
  const listed = await fixture.call('GET', `/contracts?number=${number}`, { as: 'unit-handler' });
  const { id } = listed.body.items[0]!;
  return (await fixture.call('GET', `/contracts/${id}`, { as: 'unit-handler' })).body;
};

/** A table that a page draws quickly. */
const draftData = (number: string): typeof data => ({
  ...data,
  id: number,
  items: data.items.slice(0, 2),
});

/** A draft of the sample data, made by somebody else. */
async function draft(number: string): Promise<string> {
  const made = await fixture.call('POST', '/contracts', {
    as: 'unit-handler',
    json: { template: 'goods', data: draftData(number) },
  });
  expect(made.status).toBe(201);
  return made.body.id;
}

describe('a contract', () => {
  inBrowser(
    'is drafted from an award, mended where the check says, sent and confirmed',
    async () => {
      await logIn(HANDLER, 'not-the-password');
      await page.getByRole('alert').waitFor();
      expect(await page.getByRole('alert').textContent()).toMatch(/口令/);
      await logIn(HANDLER);
      await begin();
      await fillIn('HT-PAGE-1', '¥60,000');
      expect(await page.getByText('金额合计').first().textContent()).toContain('58,402.00');
      await page.getByRole('button', { name: '保存并检查' }).click();
      const amount = page.getByLabel('合同金额（元）');
      await page.locator('[id="field-value-amount"][aria-invalid="true"]').waitFor();
      expect(await amount.inputValue()).toBe('60000.00');
      const beside = await amount.getAttribute('aria-describedby');
      expect(await page.locator(`[id="${beside}"]`).textContent()).toContain('与标的金额合计不符');
      expect(await page.getByRole('button', { name: '提交', exact: true }).count()).toBe(0);

      await page.getByRole('button', { name: /合同金额.*与标的金额合计不符/ }).click();
      expect(await focused()).toBe('field-value-amount');
      await amount.fill(TOTAL);
      await page.getByRole('button', { name: '保存并检查' }).click();
      const submit = page.getByRole('button', { name: '提交', exact: true });
      await submit.waitFor();
      for (const box of await page.getByLabel(/已核对/).all()) await box.check();
      await submit.click();
      await page.getByText('待供应商确认', { exact: true }).waitFor();
      expect((await contractOf('HT-PAGE-1')).state).toBe('sent');

      await page.getByRole('button', { name: '退出登录' }).click();
      await logIn(SUPPLIER);
      // The address still names the contract.
      await page.getByRole('button', { name: '确认内容' }).click();
      expect(await page.getByRole('button', { name: '撤回' }).count()).toBe(0);
      await page.getByRole('button', { name: '确定确认内容' }).click();
      await page.getByText('已确认合同内容').waitFor();
      expect(await page.getByText(/轮到供应商/).count()).toBe(1);
      expect((await contractOf('HT-PAGE-1')).state).toBe('confirmed');
      await page.getByRole('link', { name: '返回合同列表' }).click();
      await page.getByRole('table').waitFor();
      expect(await page.getByRole('link', { name: '起草合同' }).count()).toBe(0);

      expect(complaints).toEqual([]);
      expect([...origins]).toEqual([fixture.url]);
      await page.reload();
      await page.getByLabel('口令').waitFor();
      expect(await page.evaluate<unknown>(KEPT)).toEqual([['language'], [], '']);
      expect(await context.cookies()).toEqual([]);
    },
  );

  inBrowser('that is a file already is sent with its data beside it', async () => {
    const id = await draft('HT-PAGE-F0');
    const made = await fixture.call('GET', `/contracts/${id}/document`, { as: 'unit-handler' });
    const folder = mkdtempSync(join(tmpdir(), 'qianyin-page-'));
    const file = join(folder, '合同.pdf');
    writeFileSync(file, made.bytes);
    try {
      await logIn(HANDLER);
      await begin({ file });
      await fillIn('HT-PAGE-F1', TOTAL);
      await page.getByRole('button', { name: '保存并检查' }).click();
      await page.getByText('合同文本是上传的文件').waitFor();
      // It is another contract's text, and the check says so.
      await page.getByText(/处需要修改|处提示/).waitFor();
      expect(await page.getByLabel('合同名称').isDisabled()).toBe(true);
      expect((await contractOf('HT-PAGE-F1')).document).toMatchObject({ source: 'upload' });
      expect(complaints).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  inBrowser('that is a Word document is set anew, and kept beside what it became', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'qianyin-page-'));
    const file = join(folder, '采购合同.docx');
    writeFileSync(file, wordFile({ body: paragraph('办公设备采购合同') }));
    try {
      await logIn(HANDLER);
      await begin({ file });
      await fillIn('HT-PAGE-W1', TOTAL);
      await page.getByRole('button', { name: '保存并检查' }).click();
      await page.getByText('合同文本是上传的文件').waitFor();
      const { id, document } = await contractOf('HT-PAGE-W1');
      expect(document).toMatchObject({ source: 'word' });
      await page.goto(`${fixture.url}/contracts#/${id}`);
      const saving = page.waitForEvent('download');
      await page.getByRole('button', { name: '下载 Word 原件' }).click();
      const saved = await saving;
      expect(saved.suggestedFilename()).toBe('采购合同.docx');
      expect(readFileSync(await saved.path())).toEqual(readFileSync(file));
      expect(complaints).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  inBrowser('that was changed after it was agreed to shows what is another', async () => {
    const sample = sampleContractData({ number: 'HT-PAGE-4', today });
    // The award that came in is of another amount.
    const agreed = { ...sample, tenderId: `${sample.tenderId}-4` };
    const { id } = (
      await fixture.call('POST', '/contracts', {
        as: 'unit-handler',
        json: { template: 'goods', data: agreed },
      })
    ).body;
    const step = async (name: string, as: string, method: string, json: object): Promise<void> => {
      const { headers } = await fixture.call('GET', `/contracts/${id}`, { as });
      const path = `/contracts/${id}${name}`;
      const reply = await fixture.call(method, path, {
        ...{ as, json },
        headers: { 'if-match': headers.get('etag') ?? '' },
      });
      expect([name, reply.status]).toEqual([name, 200]);
    };
    const send = async (): Promise<void> => {
      const { body } = await fixture.call('POST', `/contracts/${id}/checks`, {
        as: 'unit-handler',
      });
      const { findings } = body as unknown as { findings: readonly { code: string }[] };
      const acknowledged = findings.map(({ code }) => code);
      await step('/submit', 'unit-handler', 'POST', { acknowledged });
    };
    await send();
    await step('/confirm', 'supplier-signer', 'POST', {});
    expect((await signAt(fixture, id, 'supplier')).status).toBe(201);
    const changed = { ...agreed, deliveryPlace: '新校区实验楼 301 室' };
    await step('', 'unit-handler', 'PATCH', { data: changed, restartsSigning: true });
    await send();
    await logIn(SUPPLIER);
    await page.goto(`${fixture.url}/contracts#/${id}`);
    const section = page.getByRole('region', { name: '第 1 版与现第 2 版的差异' });
    const row = section.getByRole('row', { name: /履约地点/ });
    expect(await row.textContent()).toBe(`履约地点${data.deliveryPlace}新校区实验楼 301 室`);
    expect(await section.getByRole('insertion').allTextContents()).toEqual(
      expect.arrayContaining([expect.stringMatching(/^增加：.*新校区实验楼 301 室/)]),
    );
    const [earlier] = await Promise.all([
      context.waitForEvent('page'),
      section.getByRole('button', { name: '查看第 1 版文件' }).click(),
    ]);
    await earlier.waitForURL(/^blob:/);
    expect(complaints).toEqual([]);
  });

  inBrowser('that is incomplete is not sent, and what is missing is said', async () => {
    await logIn(HANDLER);
    await begin();
    await page.getByRole('button', { name: '保存草稿' }).click();
    await page.getByText(/有 \d+ 处需要修改/).waitFor();
    const number = page.getByLabel('合同编号');
    expect(await number.getAttribute('aria-invalid')).toBe('true');
    await page.getByRole('button', { name: '合同编号：请填写此项' }).focus();
    await page.keyboard.press('Enter');
    expect(await focused()).toBe('field-id');
  });
});

describe('nothing that was typed is lost', () => {
  inBrowser('where somebody else saved first: what differs is shown, and chosen', async () => {
    const id = await draft('HT-PAGE-2');
    await logIn(HANDLER);
    await page.goto(`${fixture.url}/contracts#/${id}/edit`);
    await page.getByLabel('合同名称').fill('我改的名称');
    await page.getByLabel('履约地点').fill('我改的地点');
    const theirs = { ...draftData('HT-PAGE-2'), title: '别人改的名称', warrantyMonths: 24 };
    const changed = await fixture.call('PATCH', `/contracts/${id}`, {
      as: 'unit-handler',
      headers: { 'if-match': '"r1"' },
      json: { data: theirs },
    });
    expect(changed.status).toBe(200);
    await page.getByRole('button', { name: '保存草稿' }).click();
    const conflict = page.getByRole('alert', { name: /别人已改动/ });
    await conflict.waitFor();
    const title = conflict.getByRole('group', { name: '合同名称' });
    expect(await title.textContent()).toMatch(/我改的名称.*别人改的名称/);
    const choices = await conflict.locator('label:has(input:checked)').allTextContents();
    // Both changed the title; the place is mine alone, the warranty theirs alone.
    expect(choices).toEqual(['我填写的我改的名称', '我填写的我改的地点', '对方已保存的24']);
    await title.getByLabel(/对方已保存的/).check();
    await page.getByRole('button', { name: '按所选合并，继续编辑' }).click();
    await page.getByRole('button', { name: '保存草稿' }).click();
    await page.getByText('已保存：HT-PAGE-2').waitFor();
    expect(await contractOf('HT-PAGE-2')).toMatchObject({
      title: '别人改的名称',
      data: { deliveryPlace: '我改的地点', warrantyMonths: 24 },
    });
    expect(complaints).toEqual([]);
  });

  inBrowser('where the session ends, or the reader goes elsewhere and comes back', async () => {
    const id = await draft('HT-PAGE-3');
    await logIn(HANDLER);
    await page.goto(`${fixture.url}/contracts#/${id}/edit`);
    await page.getByLabel('合同名称').fill('登录失效前填写的名称');
    await page.goBack();
    await page.getByText('有一份合同填写后还没有保存').waitFor();
    await page.getByRole('link', { name: '继续填写' }).click();
    fixture.clock.offsetMs += 86_400_000;
    await page.getByRole('button', { name: '保存草稿' }).click();
    const dialog = page.getByRole('dialog', { name: '登录' });
    await dialog.waitFor();
    expect(await dialog.textContent()).toContain('本页已填写的内容都还在');
    await logIn(HANDLER);
    await dialog.waitFor({ state: 'detached' });
    expect(await page.getByLabel('合同名称').inputValue()).toBe('登录失效前填写的名称');
    await page.getByRole('button', { name: '保存草稿' }).click();
    await page.getByText('已保存：HT-PAGE-3').waitFor();
    fixture.clock.offsetMs = 0;
    expect((await contractOf('HT-PAGE-3')) as unknown).toMatchObject({
      title: '登录失效前填写的名称',
    });
  });
});

describe('accessibility', () => {
  it.each([
    ['a desk', 1100],
    ['a phone', 360],
  ])(
    'has no fault that axe finds, nor sideways scrolling, on %s',
    async (_name, width) => {
      if (browser === undefined) return;
      await using checked = await browser.newContext({
        bypassCSP: true,
        viewport: { width, height: 800 },
      });
      page = await open(checked);
      const look = async (): Promise<void> => {
        expect(await violations(page)).toEqual([]);
        expect(await overhang(page)).toBeLessThanOrEqual(0);
      };
      await look();
      const id = await draft(`HT-AXE-${width}`);
      await logIn(HANDLER);
      await page.getByRole('table').waitFor();
      await look();
      await page.goto(`${fixture.url}/contracts#/${id}`);
      await page.getByRole('button', { name: '撤回' }).click();
      await look();
      await page.getByRole('link', { name: '修改' }).click();
      await page.getByLabel('合同金额（元）').fill('1');
      await page.getByRole('button', { name: '显示全部列' }).first().click();
      await page.getByRole('button', { name: '保存并检查' }).click();
      await page.getByText(/处需要修改/).waitFor();
      await look();
      await page.getByRole('button', { name: 'English' }).click();
      await page.getByRole('button', { name: 'Save and check' }).waitFor();
      await look();
    },
    PATIENCE_MS,
  );
});
