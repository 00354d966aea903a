/**
 * A Word document (.docx) as blocks of text, to be set anew. A closed part of WordprocessingML is read; all
 * else is refused by name, so that nothing is left out in silence.
 *
 * @see ISO/IEC 29500-1:2016, 17
 */
import { AppError } from '../kernel/index.js';
import type { Block } from '../typesetting/index.js';
import { Body } from './body.js';
import { Findings, type WordNotice } from './findings.js';
import { Numbering } from './numbering.js';
import { PAGE_NUMBER, ParagraphText } from './paragraph-text.js';
import { Styles } from './styles.js';
import { WordPackage, unreadable } from './word-package.js';
import { childOf, descendantsOf, elementsOf, type XmlElement } from './xml.js';

export interface WordReading {
  readonly blocks: readonly Block[];
  /** What stood at the head of every page; empty where nothing did. */
  readonly runningHead: string;
  /** What looks otherwise than in the word processor. */
  readonly notices: readonly WordNotice[];
}

const MOST_CHARACTERS = 500_000;
const LONGEST_HEAD = 40;
/** A4 in twentieths of a point, and how much a page may differ from it and still be called that. */
const A4 = { width: 11_906, height: 16_838, tolerance: 60 } as const;

/**
 * @throws AppError `word-unreadable`, params `reason` (`format`, `too-large`, `encrypted`, `doctype`);
 *   `word-not-admitted`, params `faults`: one `kind: where and what` each
 */
export function readWord(bytes: Uint8Array): WordReading {
  const findings = new Findings();
  const found = new WordPackage(bytes, findings);
  const main = found.mainPart;
  const body = childOf(found.read(main), 'w:body');
  if (body === undefined) throw unreadable('format');
  const styles = new Styles(found.related(main, 'styles'));
  const sections = [...descendantsOf(body)].filter(({ name }) => name === 'w:sectPr');
  const text = new ParagraphText(styles, findings);
  const reader = new Body(
    { styles, numbering: new Numbering(found.related(main, 'numbering')), text, findings },
    sections,
  );
  reader.read(body);
  const comments = found.related(main, 'comments');
  if (comments !== undefined && elementsOf(comments).length > 0) findings.refuse('comment', '');
  inspectSections(sections, findings);
  const runningHead = readMargins(found, sections, styles, findings);
  if (findings.faults.length > 0) {
    throw new AppError('word-not-admitted', 'the document holds what cannot be set', {
      params: { faults: [...findings.faults] },
    });
  }
  if (reader.blocks.length === 0) throw unreadable('empty');
  if (JSON.stringify(reader.blocks).length > MOST_CHARACTERS) throw unreadable('too-large');
  return { blocks: reader.blocks, runningHead, notices: findings.notices };
}

function inspectSections(sections: readonly XmlElement[], findings: Findings): void {
  const isNear = (value: string | undefined, expected: number): boolean =>
    value === undefined || Math.abs(Number(value) - expected) <= A4.tolerance;
  for (const section of sections) {
    const size = childOf(section, 'w:pgSz')?.attributes;
    const columns = Number(childOf(section, 'w:cols')?.attributes.get('w:num') ?? 1);
    const isA4 = isNear(size?.get('w:w'), A4.width) && isNear(size?.get('w:h'), A4.height);
    if (!isA4 || columns > 1) findings.tell('page-size');
  }
}

/** What stands around page numbers and says nothing by itself. */
const AROUND_NUMBERS = /第|页|共|page|of|[\s/／|—–\-.·,，()（）]/giu;

/** One head for all pages is kept; feet may hold page numbers, which are set anew. */
function readMargins(
  found: WordPackage,
  sections: readonly XmlElement[],
  styles: Styles,
  findings: Findings,
): string {
  const relationships = found.relationshipsOf(found.mainPart);
  const heads = new Set<string>();
  for (const reference of sections.flatMap(elementsOf)) {
    const isHead = reference.name === 'w:headerReference';
    if (!isHead && reference.name !== 'w:footerReference') continue;
    const target = relationships.get(reference.attributes.get('r:id') ?? '')?.target;
    const part = target === undefined ? undefined : found.read(target);
    if (part === undefined) continue;
    const kind = isHead ? 'page-header' : 'page-footer';
    if ([...descendantsOf(part)].some(({ name }) => name === 'w:tbl')) findings.refuse(kind, '');
    const said = marginText(part, styles, findings, isHead ? '页眉：' : '页脚：');
    const words = said.replaceAll(PAGE_NUMBER, '').trim();
    if (said.includes(PAGE_NUMBER)) findings.tell('page-numbers');
    if (words.replace(AROUND_NUMBERS, '') === '') continue;
    if (isHead && !said.includes(PAGE_NUMBER)) heads.add(words);
    else findings.refuse(kind, '', words);
  }
  const [head = ''] = heads;
  if (heads.size > 1 || head.length > LONGEST_HEAD) {
    findings.refuse('page-header', '', [...heads].join(' / '));
  }
  return head;
}

function marginText(part: XmlElement, styles: Styles, findings: Findings, where: string): string {
  const text = new ParagraphText(styles, findings);
  const paragraphs = [...descendantsOf(part)].filter(({ name }) => name === 'w:p');
  return paragraphs.map((paragraph) => text.of(paragraph, where)).join(' ');
}
