/** The structure tree of a tagged file gains an element with each signature, and nothing else. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { MemorySource } from '../../../src/kernel/index.js';
import type { PdfRef } from '../../../src/pdf/index.js';
import {
  PdfArray,
  PdfDict,
  openPdf,
  pdfName,
  pdfText,
  type PdfDocument,
  type PdfValue,
  type RevisionWriter,
} from '../../../src/pdf/index.js';
import { compareStep } from '../../../src/verification/changes/compare-step.js';
import type { StepChanges } from '../../../src/verification/changes/step.js';
import { appendRevision } from '../../support/append-revision.js';
import { samplePdf } from '../../support/contract-pdf.js';
import { signPdf } from '../../support/sign-pdf.js';
import { TestPki } from '../../support/test-pki.js';

/** The tree of the signed file: a root, the document, two paragraphs. */
interface Tree {
  readonly root: PdfRef;
  readonly top: PdfRef;
  readonly paragraphs: readonly [PdfRef, PdfRef];
}

let signed: Uint8Array;
let tree: Tree;

beforeAll(async () => {
  const signer = await (await TestPki.create()).issue('CN=签署人,O=示例市财政局,C=CN');
  const tagged = appendRevision(await samplePdf(), (writer, document) => {
    const page = document.pages.get(0).ref!;
    const [root, top, first, second] = [1, 2, 3, 4].map(() => writer.add(PdfDict.of({})));
    const paragraph = (number: number): PdfDict =>
      PdfDict.of({ Type: pdfName('StructElem'), S: pdfName('P'), P: top, Pg: page, K: number });
    writer.set(first!, paragraph(0));
    writer.set(second!, paragraph(1));
    writer.set(
      top!,
      PdfDict.of({ S: pdfName('Document'), P: root, K: new PdfArray([first!, second!]) }),
    );
    const list = writer.add(new PdfArray([first!, second!]));
    const parents = writer.add(PdfDict.of({ Nums: new PdfArray([0, list]) }));
    writer.set(
      root!,
      PdfDict.of({
        Type: pdfName('StructTreeRoot'),
        K: top,
        ParentTree: parents,
        ParentTreeNextKey: 1,
      }),
    );
    writer.set(document.catalogRef, document.catalog.with({ StructTreeRoot: root! }));
    tree = { root: root!, top: top!, paragraphs: [first!, second!] };
  });
  signed = await signPdf(tagged, signer);
});

interface Edit {
  /** Entries of the new element beside its own. */
  readonly element?: Readonly<Record<string, PdfValue>>;
  /** Where the new element stands among the kids of the document. */
  readonly kids?: (old: readonly PdfValue[], added: PdfRef) => readonly PdfValue[];
  readonly parents?: (old: readonly PdfValue[], added: PdfRef) => readonly PdfValue[];
  readonly root?: Readonly<Record<string, PdfValue>>;
  readonly also?: (writer: RevisionWriter, document: PdfDocument) => void;
  readonly leadsTo?: (document: PdfDocument, widget: PdfRef) => PdfRef;
}

/** A revision that adds an empty signature field, tagged as iText tags it, and is changed by `edit`. */
function step(edit: Edit = {}): StepChanges {
  const file = appendRevision(signed, (writer, document) => {
    const page = document.pages.get(0);
    const widget = writer.add(
      PdfDict.of({
        Subtype: pdfName('Widget'),
        FT: pdfName('Sig'),
        T: pdfText('Later'),
        P: page.ref!,
        Rect: new PdfArray([0, 0, 0, 0]),
        StructParent: 1,
      }),
    );
    const formRef = document.catalog.get('AcroForm') as PdfRef;
    const form = document.resolveDict(formRef)!;
    const fields = document.resolveArray(form.get('Fields'))!.items;
    writer.set(formRef, form.with({ Fields: new PdfArray([...fields, widget]) }));
    const annots = document.resolveArray(page.dict.get('Annots'))?.items ?? [];
    writer.set(
      page.ref!,
      page.dict.with({ Annots: new PdfArray([...annots, widget]), Tabs: pdfName('S') }),
    );
    const target = edit.leadsTo?.(document, widget) ?? widget;
    const element = writer.add(
      PdfDict.of({
        S: pdfName('Form'),
        P: tree.top,
        K: PdfDict.of({ Type: pdfName('OBJR'), Obj: target }),
        ...edit.element,
      }),
    );
    const top = document.resolveDict(tree.top)!;
    const kids = document.resolveArray(top.get('K'))!.items;
    const newKids = edit.kids?.(kids, element) ?? [...kids, element];
    writer.set(tree.top, top.with({ K: new PdfArray([...newKids]) }));
    const root = document.resolveDict(tree.root)!;
    const parents = document.resolveDict(root.get('ParentTree'))!;
    const numbers = document.resolveArray(parents.get('Nums'))!.items;
    const newNumbers = edit.parents?.(numbers, element) ?? [...numbers, 1, element];
    writer.set(
      root.get('ParentTree') as PdfRef,
      PdfDict.of({ Nums: new PdfArray([...newNumbers]) }),
    );
    writer.set(tree.root, root.with({ ParentTreeNextKey: 2, ...edit.root }));
    edit.also?.(writer, document);
  });
  const after = openPdf(new MemorySource(file));
  const index = after.revisions.length - 1;
  return compareStep(after.atRevision(after.revisions[index - 1]!.endOffset), after, index);
}

describe('a signature on a tagged file', () => {
  it('may have an element of its own', () => {
    const { forbidden, permissible } = step();
    expect(forbidden).toEqual([]);
    expect(permissible.map(({ kind }) => kind)).toEqual(['signature-field', 'structure']);
  });

  it('may stand between others in the tree', () => {
    expect(step({ kids: ([a, b], added) => [a!, added, b!] }).forbidden).toEqual([]);
  });

  it.each<readonly [string, Edit]>([
    ['speak for itself', { element: { ActualText: pdfText('¥1') } }],
    ['be described by another text', { element: { Alt: pdfText('¥1') } }],
    ['be text', { element: { S: pdfName('P') } }],
    ['stand for what was there', { leadsTo: (document) => document.pages.get(0).ref! }],
    ['push a paragraph out', { kids: ([a], added) => [a!, added] }],
    ['reorder paragraphs', { kids: ([a, b], added) => [b!, a!, added] }],
    ['take over the content of a page', { parents: (_old, added) => [0, added, 1, added] }],
    ['forget the content of a page', { parents: (_old, added) => [1, added] }],
    ['lead other content to a paragraph', { parents: (old) => [...old, 1, tree.paragraphs[0]] }],
    ['rename kinds of elements', { root: { RoleMap: PdfDict.of({ P: pdfName('Artifact') }) } }],
    ['set the count of parents back', { root: { ParentTreeNextKey: 0 } }],
    [
      'change a paragraph',
      {
        also: (writer, document) => {
          const [first] = tree.paragraphs;
          const said = document.resolveDict(first)!.with({ ActualText: pdfText('¥1') });
          writer.set(first, said);
        },
      },
    ],
  ])('may not %s', (_what, edit) => {
    expect(step(edit).forbidden).not.toEqual([]);
  });

  it('may not change a tree without a signature', () => {
    const file = appendRevision(signed, (writer, document) => {
      const root = document.resolveDict(tree.root)!;
      writer.set(tree.root, root.with({ ParentTreeNextKey: 9 }));
    });
    const after = openPdf(new MemorySource(file));
    const index = after.revisions.length - 1;
    const before = after.atRevision(after.revisions[index - 1]!.endOffset);
    expect(compareStep(before, after, index).forbidden).not.toEqual([]);
  });

  it('may not touch an element that is something else to the page as well', () => {
    const { top } = tree;
    const shared = appendRevision(signed, (writer, document) => {
      const page = document.pages.get(0);
      writer.set(page.ref!, page.dict.with({ PieceInfo: top }));
    });
    const kept = signed;
    signed = shared;
    try {
      expect(step().forbidden).not.toEqual([]);
    } finally {
      signed = kept;
    }
  });
});
