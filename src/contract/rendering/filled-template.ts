/** A template with the contract's data filled in: texts in order, numbered, nothing left to decide. */
import type { ContractData } from '../contract-data.js';
import type { PartyRole } from '../record.js';
import type { ContractTemplate, TemplateField, TemplateTable } from '../template.js';
import { fillIn, holds, type TemplateScope } from '../template-text.js';

export type Align = 'left' | 'centre' | 'right';

export interface FilledField {
  readonly label: string;
  readonly value: string;
}

export interface FilledTable {
  readonly kind: 'table';
  readonly columns: readonly {
    readonly title: string;
    readonly width: number;
    readonly align: Align;
  }[];
  readonly rows: readonly (readonly string[])[];
  readonly footer: readonly string[];
}

export interface FilledSignature {
  readonly role: PartyRole;
  readonly title: string;
  readonly name: string;
  readonly rows: readonly FilledField[];
}

export type FilledBlock =
  | {
      readonly kind: 'cover';
      readonly title: string;
      readonly subtitle: string;
      readonly rows: readonly FilledField[];
    }
  | { readonly kind: 'heading'; readonly text: string }
  | { readonly kind: 'paragraph'; readonly text: string; readonly align: Align }
  | {
      readonly kind: 'fields';
      readonly title: string;
      readonly rows: readonly FilledField[];
    }
  | FilledTable
  | {
      readonly kind: 'signatures';
      readonly note: string;
      readonly parties: readonly FilledSignature[];
    };

/**
 * @throws AppError `contract-data-invalid` (params `errors`) where the template needs a value the data lack
 */
export function fillTemplate(
  template: ContractTemplate,
  contract: ContractData,
): readonly FilledBlock[] {
  const scope: TemplateScope = { ...contract };
  const blocks: FilledBlock[] = [];
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
            role: party.role,
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

function fillFields(rows: readonly TemplateField[], scope: TemplateScope): readonly FilledField[] {
  return rows
    .filter((row) => holds(row.when, scope))
    .map((row) => ({ label: fillIn(row.label, scope), value: fillIn(row.value, scope) }));
}

function fillTable(
  table: TemplateTable,
  contract: ContractData,
  scope: TemplateScope,
): FilledTable {
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

/** Every text that will be shown, for looking for missing glyphs before anything is drawn. */
export function* textsOf(block: FilledBlock): Generator<string> {
  switch (block.kind) {
    case 'cover':
      yield block.title;
      yield block.subtitle;
      yield* fieldTexts(block.rows);
      break;
    case 'heading':
    case 'paragraph':
      yield block.text;
      break;
    case 'fields':
      yield block.title;
      yield* fieldTexts(block.rows);
      break;
    case 'table':
      for (const column of block.columns) yield column.title;
      for (const row of block.rows) yield* row;
      yield* block.footer;
      break;
    case 'signatures':
      yield block.note;
      for (const party of block.parties) {
        yield party.title;
        yield party.name;
        yield* fieldTexts(party.rows);
      }
      break;
  }
}

function* fieldTexts(rows: readonly FilledField[]): Generator<string> {
  for (const row of rows) {
    yield row.label;
    yield row.value;
  }
}
