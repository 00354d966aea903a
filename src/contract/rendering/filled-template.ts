/** A template with the contract's data filled in: texts in order, numbered, nothing left to decide. */
import { AppError } from '../../kernel/index.js';
import type { Block, Field, Table } from '../../typesetting/index.js';
import { computedValues } from '../computed-values.js';
import type { ContractData } from '../contract-data.js';
import type { PartyDuties } from '../record.js';
import type { ContractTemplate, TemplateField, TemplateTable } from '../template.js';
import { fillIn, holds, textsAt, type TemplateScope } from '../template-text.js';
import { signaturePlaces } from './signature-places.js';

/** What one document may say, in characters; a template may repeat long values any number of times. */
const MOST_CHARACTERS = 2_000_000;

/**
 * @param duties - Which seals each party puts; the unit's alone where absent.
 * @throws AppError `contract-data-invalid` (params `errors`) where the template needs a value the data lack,
 *   or makes more of the data than a document may say
 */
export function fillTemplate(
  template: ContractTemplate,
  contract: ContractData,
  duties: PartyDuties = {},
): readonly Block[] {
  const filled = new FilledTemplate(contract, duties);
  for (const block of template.blocks) filled.add(block);
  return filled.blocks;
}

type TemplateBlock = ContractTemplate['blocks'][number];
type Article = Extract<TemplateBlock, { readonly kind: 'article' }>;
type Content = Article['content'][number];

class FilledTemplate {
  readonly blocks: Block[] = [];
  readonly #contract: ContractData;
  readonly #duties: PartyDuties;
  readonly #scope: TemplateScope;
  #characters = 0;
  #part = 0;
  #article = 0;
  #clause = 0;
  #point = 0;

  constructor(contract: ContractData, duties: PartyDuties) {
    this.#contract = contract;
    this.#duties = duties;
    this.#scope = { ...contract, computed: computedValues(contract) };
  }

  add(block: TemplateBlock): void {
    if ('when' in block && !holds(block.when, this.#scope)) return;
    switch (block.kind) {
      case 'cover':
        this.blocks.push({
          kind: 'cover',
          title: this.#fill(block.title),
          subtitle: this.#fill(block.subtitle ?? ''),
          rows: this.#fields(block.rows),
        });
        break;
      case 'part':
        this.#part += 1;
        this.#article = 0;
        if (block.startsPage === true) this.blocks.push({ kind: 'page-break' });
        this.blocks.push({
          kind: 'heading',
          level: 1,
          text: `第${chineseNumeral(this.#part)}部分　${this.#fill(block.title)}`,
        });
        break;
      case 'article':
        this.#addArticle(block);
        break;
      case 'attachments':
        this.#addAttachments();
        break;
      case 'signatures':
        this.blocks.push({
          kind: 'signatures',
          note: this.#fill(block.note),
          parties: block.parties.map((party) => ({
            title: this.#fill(party.title),
            name: this.#fill(party.name),
            rows: this.#fields(party.rows),
            places: signaturePlaces(party.role, this.#duties[party.role]),
          })),
        });
        break;
      case 'paragraph':
      case 'fields':
      case 'table':
        this.#addContent(block);
    }
  }

  #addArticle(article: Article): void {
    this.#article += 1;
    this.#clause = 0;
    this.blocks.push({
      kind: 'heading',
      level: 2,
      text: `第${chineseNumeral(this.#article)}条　${this.#fill(article.title)}`,
    });
    for (const part of article.content) {
      if (holds(part.when, this.#scope)) this.#addContent(part);
    }
  }

  #addContent(content: Content): void {
    switch (content.kind) {
      case 'clause':
        this.#addClause(content.text, this.#scope);
        break;
      case 'clauses':
        // The parties' own words: not read as a template.
        for (const text of textsAt(this.#scope, content.each)) this.#addClause(text, undefined);
        break;
      case 'point':
        this.#point += 1;
        this.#addParagraph(`（${this.#point}）${this.#fill(content.text)}`);
        break;
      case 'paragraph':
        this.#addParagraph(this.#fill(content.text), content.align);
        break;
      case 'fields':
        this.blocks.push({
          kind: 'fields',
          title: this.#fill(content.title ?? ''),
          rows: this.#fields(content.rows),
        });
        break;
      case 'table':
        this.blocks.push(this.#table(content));
        break;
    }
  }

  #addClause(text: string, scope: TemplateScope | undefined): void {
    this.#clause += 1;
    this.#point = 0;
    const words = scope === undefined ? this.#count(text) : this.#fill(text);
    this.#addParagraph(`${this.#article}.${this.#clause}　${words}`);
  }

  #addParagraph(text: string, align: 'left' | 'centre' | 'right' = 'left'): void {
    this.blocks.push({ kind: 'paragraph', text, align });
  }

  /** A list of all annexes; each that has a text begins a page. */
  #addAttachments(): void {
    const attachments = this.#contract.attachments ?? [];
    if (attachments.length === 0) return;
    const nameOf = (index: number): string => `附件${chineseNumeral(index + 1)}`;
    this.blocks.push({
      kind: 'fields',
      title: '附件目录',
      rows: attachments.map(({ title }, index) => ({
        label: nameOf(index),
        value: this.#count(title),
      })),
    });
    attachments.forEach(({ title, paragraphs }, index) => {
      if (paragraphs === undefined) return;
      const heading = `${nameOf(index)}　${this.#count(title)}`;
      this.blocks.push({ kind: 'page-break' }, { kind: 'heading', level: 1, text: heading });
      for (const paragraph of paragraphs) this.#addParagraph(this.#count(paragraph));
    });
  }

  #fields(rows: readonly TemplateField[]): readonly Field[] {
    return rows
      .filter((row) => holds(row.when, this.#scope))
      .map((row) => ({ label: this.#fill(row.label), value: this.#fill(row.value) }));
  }

  #table(table: TemplateTable): Table {
    return {
      kind: 'table',
      columns: table.columns,
      rows: this.#contract[table.each].map((element, index) => {
        const row = { ...this.#scope, row: { ...element, no: index + 1 } };
        return table.columns.map((column) => this.#fill(column.value, row));
      }),
      footer: (table.footer ?? []).map((text) => this.#fill(text)),
    };
  }

  #fill(text: string, scope: TemplateScope = this.#scope): string {
    return this.#count(fillIn(text, scope));
  }

  #count(text: string): string {
    this.#characters += text.length;
    if (this.#characters <= MOST_CHARACTERS) return text;
    throw new AppError('contract-data-invalid', 'the document would be too long', {
      params: { errors: [`#: 文本超过 ${MOST_CHARACTERS} 字，请把清单列为附件另行上传`] },
    });
  }
}

const NUMERALS = ['', '一', '二', '三', '四', '五', '六', '七', '八', '九'] as const;

/** 1 to 99 as in 第十二条. */
export function chineseNumeral(value: number): string {
  const tens = Math.floor(value / 10);
  const tensText = tens === 0 ? '' : `${tens === 1 ? '' : (NUMERALS[tens] ?? '')}十`;
  return tensText + (NUMERALS[value % 10] ?? '');
}
