/** The parts of a .docx and how they belong together; what may not be among them is refused here. */
import { AppError } from '../kernel/index.js';
import { readPlainZip } from '../zip/index.js';
import type { Findings, RefusedKind } from './findings.js';
import { XmlFault, elementsOf, parseXml, type XmlElement } from './xml.js';

const BOUNDS = {
  mostBytes: 32 * 1024 * 1024,
  mostUnpackedBytes: 128 * 1024 * 1024,
  mostParts: 1000,
} as const;

export interface Relationship {
  /** The last step of its type: `styles`, `header`, `hyperlink`. */
  readonly type: string;
  /** Name of the part, or the address where it is external. */
  readonly target: string;
  readonly isExternal: boolean;
}

/** Kinds of relationships that bring in what cannot be set. */
const REFUSED_TYPES: Readonly<Record<string, RefusedKind>> = {
  vbaProject: 'macros',
  wordVbaData: 'macros',
  oleObject: 'embedded-object',
  package: 'embedded-object',
  control: 'embedded-object',
  activeXControlBinary: 'embedded-object',
  aFChunk: 'imported-part',
  subDocument: 'imported-part',
};

export class WordPackage {
  readonly #parts: ReadonlyMap<string, Uint8Array>;
  readonly mainPart: string;

  /** @throws AppError `word-unreadable`, params `reason`: `format`, `too-large`, `encrypted`, `doctype` */
  constructor(bytes: Uint8Array, findings: Findings) {
    // An encrypted .docx is an OLE file, as is an old .doc.
    if (bytes[0] === 0xd0 && bytes[1] === 0xcf) throw unreadable('encrypted');
    const read = readPlainZip(bytes, BOUNDS);
    if ('fault' in read) {
      throw unreadable(read.fault === 'format' ? 'format' : 'too-large', read.cause);
    }
    this.#parts = read.parts;
    const types = this.read('[Content_Types].xml');
    if (types === undefined) throw unreadable('format');
    const isMacroEnabled = elementsOf(types).some(({ attributes }) =>
      /macroEnabled|vbaProject/i.test(attributes.get('ContentType') ?? ''),
    );
    if (isMacroEnabled) findings.refuse('macros', '');
    this.#inspectRelationships(findings);
    const main = [...this.relationshipsOf('').values()].find(
      ({ type }) => type === 'officeDocument',
    );
    if (main === undefined || main.isExternal) throw unreadable('format');
    this.mainPart = main.target;
  }

  /** The part as XML; `undefined` where there is none. @throws AppError `word-unreadable` */
  read(name: string): XmlElement | undefined {
    const bytes = this.#parts.get(name);
    if (bytes === undefined) return undefined;
    try {
      return parseXml(bytes);
    } catch (error) {
      if (error instanceof XmlFault) throw unreadable(error.reason, error);
      throw error;
    }
  }

  /** Of a part, or of the package itself for the empty name; by id. */
  relationshipsOf(part: string): ReadonlyMap<string, Relationship> {
    const slash = part.lastIndexOf('/') + 1;
    const folder = part.slice(0, slash);
    const root = this.read(`${folder}_rels/${part.slice(slash)}.rels`);
    return new Map(
      (root === undefined ? [] : elementsOf(root)).map(({ attributes }) => {
        const isExternal = attributes.get('TargetMode') === 'External';
        const target = attributes.get('Target') ?? '';
        return [
          attributes.get('Id') ?? '',
          {
            type: (attributes.get('Type') ?? '').replace(/^.*\//, ''),
            target: isExternal ? target : resolved(folder, target),
            isExternal,
          },
        ];
      }),
    );
  }

  /** The part that `part` is related to by `type`. */
  related(part: string, type: string): XmlElement | undefined {
    const found = [...this.relationshipsOf(part).values()].find((each) => each.type === type);
    return found === undefined || found.isExternal ? undefined : this.read(found.target);
  }

  #inspectRelationships(findings: Findings): void {
    for (const name of this.#parts.keys()) {
      const owner = /^(.*?)_rels\/([^/]*)\.rels$/.exec(name);
      if (owner === null) continue;
      const relationships = this.relationshipsOf(`${owner[1] ?? ''}${owner[2] ?? ''}`);
      for (const { type, target, isExternal } of relationships.values()) {
        const kind = REFUSED_TYPES[type];
        if (kind !== undefined) findings.refuse(kind, '');
        else if (isExternal && type !== 'hyperlink')
          findings.refuse('external-content', '', target);
      }
    }
  }
}

function resolved(folder: string, target: string): string {
  const url = new URL(target, `part:/${folder}`);
  return decodeURIComponent(url.pathname.replace(/^\/+/, ''));
}

export function unreadable(reason: string, cause?: unknown): AppError {
  return new AppError('word-unreadable', `no Word document that can be read: ${reason}`, {
    params: { reason },
    ...(cause === undefined ? {} : { cause }),
  });
}
