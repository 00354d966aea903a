/** Word documents as a word processor writes them, from the XML of their parts. */
import { strToU8, zipSync } from 'fflate';

const W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"';
const R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"';
const TYPES = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const MAIN = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml';

export interface WordParts {
  readonly body: string;
  readonly styles?: string;
  readonly numbering?: string;
  readonly header?: string;
  readonly footer?: string;
  /** Content of `w:comments`. */
  readonly comments?: string;
  /** Further relationships of the document, as XML. */
  readonly relationships?: string;
  readonly contentType?: string;
  /** Further parts by name. */
  readonly parts?: Readonly<Record<string, Uint8Array>>;
}

const relation = (id: string, type: string, target: string): string =>
  `<Relationship Id="${id}" Type="${TYPES}/${type}" Target="${target}"/>`;

export function wordFile(given: WordParts): Uint8Array {
  const { body, styles, numbering, header, footer, comments } = given;
  const optional: [name: string, element: string, content: string | undefined][] = [
    ['styles', 'styles', styles],
    ['numbering', 'numbering', numbering],
    ['header', 'hdr', header],
    ['footer', 'ftr', footer],
    ['comments', 'comments', comments],
  ];
  const there = optional.filter(([, , content]) => content !== undefined);
  const relationships = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`;
  const texts: Record<string, string> = {
    '[Content_Types].xml': `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="${given.contentType ?? MAIN}"/></Types>`,
    '_rels/.rels': `${relationships}${relation('rId1', 'officeDocument', 'word/document.xml')}</Relationships>`,
    'word/document.xml': `<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:document ${W} ${R}><w:body>${body}</w:body></w:document>`,
    'word/_rels/document.xml.rels': `${relationships}${there.map(([name]) => relation(name, name, `${name}.xml`)).join('')}${given.relationships ?? ''}</Relationships>`,
    ...Object.fromEntries(
      there.map(([name, element, content]) => [
        `word/${name}.xml`,
        `<w:${element} ${W} ${R}>${content ?? ''}</w:${element}>`,
      ]),
    ),
  };
  const parts = Object.entries(texts).map(([name, text]) => [name, strToU8(text)] as const);
  return zipSync({ ...Object.fromEntries(parts), ...given.parts });
}

export const run = (text: string, properties = ''): string =>
  `<w:r><w:rPr>${properties}</w:rPr><w:t xml:space="preserve">${text}</w:t></w:r>`;

/** @param properties - of the paragraph */
export const paragraph = (content: string, properties = ''): string =>
  `<w:p><w:pPr>${properties}</w:pPr>${content.startsWith('<') ? content : run(content)}</w:p>`;

/** A field as word processors write it: instruction, and what it showed last. */
export const field = (instruction: string, shown: string): string =>
  `<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> ${instruction} </w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>${run(shown)}<w:r><w:fldChar w:fldCharType="end"/></w:r>`;

export const section = (content = ''): string => `<w:sectPr>${content}</w:sectPr>`;

export const table = (widths: readonly number[], rows: readonly string[]): string =>
  `<w:tbl><w:tblPr/><w:tblGrid>${widths.map((width) => `<w:gridCol w:w="${width}"/>`).join('')}</w:tblGrid>${rows.join('')}</w:tbl>`;

export const row = (cells: readonly string[], properties = ''): string =>
  `<w:tr><w:trPr>${properties}</w:trPr>${cells.join('')}</w:tr>`;

export const cell = (content: string, properties = ''): string =>
  `<w:tc><w:tcPr>${properties}</w:tcPr>${content}</w:tc>`;
