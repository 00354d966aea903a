/** A template with the contract's data filled in: texts in order, numbered, nothing left to decide. */
import type { Block, Field, Table } from '../../typesetting/index.js';
import type { ContractData } from '../contract-data.js';
import type { ContractTemplate, TemplateField, TemplateTable } from '../template.js';
import { fillIn, holds, type TemplateScope } from '../template-text.js';

/**
 * @throws AppError `contract-data-invalid` (params `errors`) where the template needs a value the data lack
 */
export function fillTemplate(template: ContractTemplate, contract: ContractData): readonly Block[] {
  const scope: TemplateScope = { ...contract };
  const blocks: Block[] = [];
  let articleNumber = 0;
  const add = (block: ArticleContent, number: () => string): void => {
    if (!holds(block.when, scope)) return;
    switch (block.kind) {
      case 'clause':
        blocks.push({
          kind: 'paragraph',
          text: `${number()}　${fillIn(block.text, scope)}`,
          align: 'left',
        });
        break;
      case 'paragraph':
        blocks.push({
          kind: 'paragraph',
          text: fillIn(block.text, scope),
          align: block.align ?? 'left',
        });
        break;
      case 'fields':
        blocks.push({
          kind: 'fields',
          title: fillIn(block.title ?? '', scope),
          rows: fillFields(block.rows, scope),
        });
        break;
      case 'table':
        blocks.push(fillTable(block, contract, scope));
        break;
    }
  };
  for (const block of template.blocks) {
    switch (block.kind) {
      case 'cover':
        blocks.push({
          kind: 'cover',
          title: fillIn(block.title, scope),
          subtitle: fillIn(block.subtitle ?? '', scope),
          rows: fillFields(block.rows, scope),
        });
        break;
      case 'signatures':
        blocks.push({
          kind: 'signatures',
          note: fillIn(block.note, scope),
          parties: block.parties.map((party) => ({
            key: party.role,
            title: fillIn(party.title, scope),
            name: fillIn(party.name, scope),
            rows: fillFields(party.rows, scope),
          })),
        });
        break;
      case 'article': {
        if (!holds(block.when, scope)) break;
        articleNumber += 1;
        let clauseNumber = 0;
        blocks.push({
          kind: 'heading',
          text: `第${chineseNumeral(articleNumber)}条　${fillIn(block.title, scope)}`,
        });
        for (const part of block.content) {
          add(part, () => `${articleNumber}.${(clauseNumber += 1)}`);
        }
        break;
      }
      case 'paragraph':
      case 'fields':
      case 'table':
        add(block, () => '');
    }
  }
  return blocks;
}

type ArticleContent = Extract<
  ContractTemplate['blocks'][number],
  { readonly kind: 'article' }
>['content'][number];

function fillFields(rows: readonly TemplateField[], scope: TemplateScope): readonly Field[] {
  return rows
    .filter((row) => holds(row.when, scope))
    .map((row) => ({ label: fillIn(row.label, scope), value: fillIn(row.value, scope) }));
}

function fillTable(table: TemplateTable, contract: ContractData, scope: TemplateScope): Table {
  return {
    kind: 'table',
    columns: table.columns,
    rows: contract[table.each].map((element, index) => {
      const row = { ...scope, row: { ...element, no: index + 1 } };
      return table.columns.map((column) => fillIn(column.value, row));
    }),
    footer: (table.footer ?? []).map((text) => fillIn(text, scope)),
  };
}

const NUMERALS = ['', '一', '二', '三', '四', '五', '六', '七', '八', '九'] as const;

/** 1 to 99 as in 第十二条. */
export function chineseNumeral(value: number): string {
  const tens = Math.floor(value / 10);
  const tensText = tens === 0 ? '' : `${tens === 1 ? '' : (NUMERALS[tens] ?? '')}十`;
  return tensText + (NUMERALS[value % 10] ?? '');
}
