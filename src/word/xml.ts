/** XML of a part as a tree: namespaces resolved, nothing declared, nothing fetched, nothing expanded. */
import { SaxesParser } from 'saxes';

export interface XmlElement {
  /** Prefix of the namespace by {@link NAMESPACES}, and the local name: `w:p`; `?:p` in another namespace. */
  readonly name: string;
  /** By names of the same form; without a namespace by the local name alone. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly kids: readonly (XmlElement | string)[];
}

/** Transitional and strict names of one vocabulary. @see ISO/IEC 29500-1:2016, Annex A; 29500-4, Annex A */
const NAMESPACES: Readonly<Record<string, string>> = {
  'http://schemas.openxmlformats.org/wordprocessingml/2006/main': 'w',
  'http://purl.oclc.org/ooxml/wordprocessingml/main': 'w',
  'http://schemas.openxmlformats.org/officeDocument/2006/relationships': 'r',
  'http://purl.oclc.org/ooxml/officeDocument/relationships': 'r',
  'http://schemas.openxmlformats.org/officeDocument/2006/math': 'm',
  'http://purl.oclc.org/ooxml/officeDocument/math': 'm',
  'http://schemas.openxmlformats.org/markup-compatibility/2006': 'mc',
  'http://schemas.microsoft.com/office/word/2010/wordml': 'w14',
  'http://schemas.openxmlformats.org/package/2006/relationships': 'rel',
  'http://schemas.openxmlformats.org/package/2006/content-types': 'ct',
  'http://www.w3.org/XML/1998/namespace': 'xml',
};

const DEEPEST = 128;
const MOST_ELEMENTS = 1_000_000;

/** What is no XML that a word processor writes. */
export class XmlFault extends Error {
  readonly reason: 'format' | 'doctype' | 'too-large';

  constructor(reason: XmlFault['reason'], message: string) {
    super(message);
    this.reason = reason;
  }
}

interface OpenElement extends XmlElement {
  readonly kids: (XmlElement | string)[];
}

/** @throws XmlFault `doctype` for any declaration of a document type: entities could be declared there */
export function parseXml(bytes: Uint8Array): XmlElement {
  const parser = new SaxesParser({ xmlns: true });
  const open: OpenElement[] = [];
  let root: XmlElement | undefined;
  let count = 0;
  parser.on('error', (error) => {
    throw new XmlFault('format', error.message);
  });
  parser.on('doctype', () => {
    throw new XmlFault('doctype', 'a document type is declared');
  });
  parser.on('opentag', ({ uri, local, attributes }) => {
    count++;
    if (count > MOST_ELEMENTS || open.length >= DEEPEST) {
      throw new XmlFault('too-large', 'too many elements, or too deep');
    }
    const element: OpenElement = {
      name: `${NAMESPACES[uri] ?? '?'}:${local}`,
      attributes: new Map(
        Object.values(attributes).map((each) => [
          each.uri === '' ? each.local : `${NAMESPACES[each.uri] ?? '?'}:${each.local}`,
          each.value,
        ]),
      ),
      kids: [],
    };
    open.at(-1)?.kids.push(element);
    open.push(element);
  });
  parser.on('closetag', () => {
    root = open.pop();
  });
  const addText = (text: string): void => {
    open.at(-1)?.kids.push(text);
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.write(textOf(bytes)).close();
  if (root === undefined) throw new XmlFault('format', 'no element');
  return root;
}

/** XML is UTF-8 or, by its mark, UTF-16. @see ECMA-376-2, 8.1.4 */
function textOf(bytes: Uint8Array): string {
  const isLittle = bytes[0] === 0xff && bytes[1] === 0xfe;
  const isBig = bytes[0] === 0xfe && bytes[1] === 0xff;
  const encoding = isLittle ? 'utf-16le' : isBig ? 'utf-16be' : 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    throw new XmlFault('format', 'not the characters it says');
  }
}

export function isElement(node: XmlElement | string): node is XmlElement {
  return typeof node !== 'string';
}

export function elementsOf({ kids }: XmlElement): readonly XmlElement[] {
  return kids.filter(isElement);
}

export function childOf(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return element === undefined ? undefined : elementsOf(element).find((each) => each.name === name);
}

/** Attribute `w:val` of the child `name`. */
export function valueOf(element: XmlElement | undefined, name: string): string | undefined {
  return childOf(element, name)?.attributes.get('w:val');
}

/** A toggle: there without a value it is on. @see ISO/IEC 29500-1:2016, 17.17.4 (ST_OnOff) */
export function isOn(element: XmlElement | undefined, name: string): boolean {
  const child = childOf(element, name);
  if (child === undefined) return false;
  return !['0', 'false', 'off'].includes(child.attributes.get('w:val') ?? 'true');
}

/** Every element below, the one itself included. */
export function* descendantsOf(element: XmlElement): Generator<XmlElement> {
  yield element;
  for (const child of elementsOf(element)) yield* descendantsOf(child);
}
