import { describe, expect, it } from '@jest/globals';
import { renderContract } from '../../../src/contract/index.js';
import { fonts, goodsTemplate, sampleContract } from './sample.js';

const at = new Date('2026-05-12T02:00:00Z');
const render = (items = 3) =>
  renderContract({ data: sampleContract(items), template: goodsTemplate, fonts, at });

describe('renderContract', () => {
  it('makes the same bytes of the same input', async () => {
    const [first, second] = [await render(), await render()];
    expect(Buffer.from(first.pdf).equals(Buffer.from(second.pdf))).toBe(true);
  });

  it('gives each party a place for its seal on the last page, apart from the other', async () => {
    const { sealPlaces, pageCount } = await render();
    expect(sealPlaces.map((place) => place.role)).toEqual(['buyer', 'supplier']);
    expect(sealPlaces.every((place) => place.pageIndex === pageCount - 1)).toBe(true);
    const [buyer, supplier] = sealPlaces;
    expect(supplier!.xPt - buyer!.xPt).toBeGreaterThan(120);
  });

  it('refuses a character that a font lacks, before anything is made', async () => {
    const contract = { ...sampleContract(), signingPlace: '示例市𠮷' };
    await expect(
      renderContract({ data: contract, template: goodsTemplate, fonts, at }),
    ).rejects.toMatchObject({ code: 'glyph-missing', params: { characters: ['𠮷'] } });
  });

  it('refuses data that lack what the template needs', async () => {
    const rest: Record<string, unknown> = { ...sampleContract() };
    Reflect.deleteProperty(rest, 'deliveryPlace');
    await expect(
      renderContract({ data: rest as never, template: goodsTemplate, fonts, at }),
    ).rejects.toMatchObject({
      code: 'contract-data-invalid',
      params: { errors: [expect.stringContaining('#/deliveryPlace')] },
    });
  });
});
