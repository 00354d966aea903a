/** What keeps people from using a page, as far as a program can tell. */
import axe, { type AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

/** Faults that axe finds. The checker is put into the page, so its context has to bypass the page's policy. */
export async function violations(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  const found = await page.evaluate<AxeResults>('axe.run()');
  return found.violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}

/** Pixels by which the page is wider than the window. */
export function overhang(page: Page): Promise<number> {
  return page.evaluate<number>(
    '(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)(document.documentElement)',
  );
}
