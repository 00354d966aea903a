import { beforeAll, describe, expect, it } from '@jest/globals';
import { MemorySource, bytesToLatin1, latin1ToBytes } from '../../../src/kernel/index.js';
import type { Signer } from '../../../src/pades/index.js';
import {
  PdfArray,
  PdfDict,
  PdfRef,
  PdfStream,
  openPdf,
  pdfName,
  pdfText,
  type PdfValue,
} from '../../../src/pdf/index.js';
import { compareStep } from '../../../src/verification/changes/compare-step.js';
import type { StepChanges } from '../../../src/verification/changes/step.js';
import { landmarks, rawUpdate } from '../../attacks/forgery.js';
import { appendRevision } from '../../support/append-revision.js';
import { samplePdf } from '../../support/contract-pdf.js';
import { signPdf } from '../../support/sign-pdf.js';
import { TestPki } from '../../support/test-pki.js';

let signer: Signer;
let signed: Uint8Array;

beforeAll(async () => {
  signer = await (await TestPki.create()).issue('CN=签署人,O=示例市财政局,C=CN');
  signed = await signPdf(await samplePdf(), signer);
});

function lastStep(file: Uint8Array): StepChanges {
  const after = openPdf(new MemorySource(file));
  const index = after.revisions.length - 1;
  return compareStep(after.atRevision(after.revisions[index - 1]!.endOffset), after, index);
}

const whats = (step: StepChanges): readonly string[] => step.forbidden.map(({ what }) => what);

describe('what a later revision may do', () => {
  it('explains another signature, visible or not, without a rest', async () => {
    const rect = { x1: 50, y1: 50, x2: 150, y2: 150 };
    for (const place of [undefined, { pageIndex: 1, rect }]) {
      const twice = await signPdf(signed, signer, place === undefined ? {} : { place });
      const step = lastStep(twice);
      expect(step.forbidden).toEqual([]);
      expect(step.permissible).toMatchObject([{ kind: 'signature', field: 'Signature2' }]);
    }
  });

  it('explains an empty signature field that repeats the resources of the form', () => {
    const file = appendRevision(signed, (writer, document) => {
      const fonts = writer.add(PdfDict.of({ Helv: writer.add(PdfDict.of({})) }));
      const field = writer.add(
        PdfDict.of({
          FT: pdfName('Sig'),
          T: pdfText('Later'),
          DR: PdfDict.of({ Font: fonts }),
        }),
      );
      const formRef = document.catalog.get('AcroForm') as PdfRef;
      const form = document.resolveDict(formRef)!;
      const fields = document.resolveArray(form.get('Fields'))!.items;
      writer.set(formRef, form.with({ Fields: new PdfArray([...fields, field]) }));
    });
    expect(lastStep(file)).toMatchObject({
      forbidden: [],
      permissible: [{ kind: 'signature-field', field: 'Later' }],
    });
  });

  it('explains validation data', () => {
    const file = appendRevision(signed, (writer, document) => {
      const certificate = writer.addStream(PdfDict.of({}), latin1ToBytes('DER'));
      const dss = writer.add(PdfDict.of({ Certs: new PdfArray([certificate]) }));
      writer.set(document.catalogRef, document.catalog.with({ DSS: dss }));
    });
    expect(lastStep(file)).toMatchObject({
      forbidden: [],
      permissible: [{ kind: 'validation-data' }],
    });
  });

  it('takes an object written again as it was for no change', () => {
    const file = appendRevision(signed, (writer, document) => {
      writer.set(document.catalogRef, document.catalog);
    });
    expect(lastStep(file)).toMatchObject({ forbidden: [], permissible: [] });
  });
});

/** The sample, signed over a form whose resources name `/FRM`, which the page may show too. */
async function signedWithLayer(isShown: boolean): Promise<Uint8Array> {
  const base = appendRevision(await samplePdf(), (writer, document) => {
    const layer = writer.addStream(PdfDict.of({ Subtype: pdfName('Form') }), latin1ToBytes('q Q'));
    const resources = PdfDict.of({ XObject: PdfDict.of({ FRM: layer, Other: layer }) });
    const form = PdfDict.of({ Fields: new PdfArray([]), DR: resources });
    writer.set(document.catalogRef, document.catalog.with({ AcroForm: writer.add(form) }));
    const page = document.pages.get(0);
    if (isShown) writer.set(page.ref!, page.dict.with({ Resources: resources }));
  });
  return signPdf(base, signer);
}

/** What a revision does that leads `name` of the form's resources to a new layer. */
function withOtherLayer(file: Uint8Array, name: string): StepChanges {
  return lastStep(
    appendRevision(file, (writer, document) => {
      const ref = document.catalog.get('AcroForm') as PdfRef;
      const form = document.resolveDict(ref)!;
      const layer = writer.addStream(
        PdfDict.of({ Subtype: pdfName('Form') }),
        latin1ToBytes('0 g'),
      );
      const old = document.resolveDict(document.resolveDict(form.get('DR'))!.get('XObject'))!;
      const xobjects = old.with({ [name]: layer });
      writer.set(ref, form.with({ DR: PdfDict.of({ XObject: xobjects }) }));
    }),
  );
}

describe('the layer of signatures in the resources of the form', () => {
  it('may be that of a later signature', async () => {
    const file = appendRevision(await signedWithLayer(false), (writer, document) => {
      const ref = document.catalog.get('AcroForm') as PdfRef;
      const form = document.resolveDict(ref)!;
      const xobjects = document.resolveDict(document.resolveDict(form.get('DR'))!.get('XObject'))!;
      const only = PdfDict.of({ XObject: PdfDict.of({ FRM: xobjects.get('FRM')! }) });
      writer.set(ref, form.with({ DR: only }));
    });
    expect(withOtherLayer(file, 'FRM').forbidden).toEqual([]);
  });

  it('may not change where a page shows it, nor may any other resource', async () => {
    const refused = [{ what: 'form-entry', detail: 'DR' }];
    expect(withOtherLayer(await signedWithLayer(true), 'FRM').forbidden).toEqual(refused);
    expect(withOtherLayer(await signedWithLayer(false), 'Other').forbidden).toEqual(refused);
  });
});

/** What a revision does that only has another identifier in its trailer. */
function withOtherIdentifier(file: Uint8Array): StepChanges {
  const text = bytesToLatin1(appendRevision(file, () => undefined));
  const at = text.lastIndexOf('/ID');
  const other = `/ID [<${'ab'.repeat(16)}><${'cd'.repeat(16)}>]`;
  const changed = text.slice(at).replace(/\/ID\s*\[[^\]]*\]/, other);
  return lastStep(latin1ToBytes(text.slice(0, at) + changed));
}

describe('the identifier of the file', () => {
  it('may change, for it is shown nowhere', () => {
    expect(withOtherIdentifier(signed)).toMatchObject({
      forbidden: [],
      permissible: [{ kind: 'file-identifier' }],
    });
  });
});

describe('a catalog written under a new number', () => {
  const asUpdate = (edit: (catalog: string) => string): Uint8Array => {
    const { document, catalogText } = landmarks(signed);
    const next = document.nextObjectNumber;
    return rawUpdate(signed, new Map([[next, edit(catalogText)]]), { root: `${next} 0 R` });
  };

  it('is the catalog, where its entries are', () => {
    expect(lastStep(asUpdate((catalog) => catalog)).forbidden).toEqual([]);
  });

  it('is compared entry by entry', () => {
    const file = asUpdate((catalog) =>
      catalog.replace('/Catalog', '/Catalog/OpenAction[1 0 R/Fit]'),
    );
    expect(lastStep(file).forbidden).toEqual([{ what: 'catalog-entry', detail: 'OpenAction' }]);
  });

  it('may not be an object that was there', () => {
    const file = rawUpdate(signed, new Map(), { root: '1 0 R' });
    expect(whats(lastStep(file))).toContain('catalog-replaced');
  });
});

describe('the list of form fields', () => {
  let twice: Uint8Array;
  beforeAll(async () => {
    twice = await signPdf(signed, signer);
  });
  const relisted = (edit: (fields: readonly PdfValue[]) => readonly PdfValue[]): StepChanges =>
    lastStep(
      appendRevision(twice, (writer, document) => {
        const formRef = document.catalog.get('AcroForm') as PdfRef;
        const form = document.resolveDict(formRef)!;
        const fields = document.resolveArray(form.get('Fields'))!.items;
        writer.set(formRef, form.with({ Fields: new PdfArray([...edit(fields)]) }));
      }),
    );

  it('may be in another order', () => {
    expect(relisted((fields) => [...fields].reverse()).forbidden).toEqual([]);
  });

  it.each<readonly [string, (fields: readonly PdfValue[]) => readonly PdfValue[]]>([
    ['lose a field', (fields) => fields.slice(1)],
    ['name a field twice', (fields) => [...fields].reverse().concat(fields)],
  ])('may not %s', (_what, edit) => {
    expect(whats(relisted(edit))).toContain('field-list-changed');
  });
});

describe('what a later revision may not do', () => {
  it('replace the content of a page, and says which', () => {
    const file = appendRevision(signed, (writer, document) => {
      const contents = document.resolve(document.pages.get(0).dict.get('Contents'));
      const ref =
        contents instanceof PdfArray
          ? contents.items[0]
          : document.pages.get(0).dict.get('Contents');
      writer.set(ref as PdfRef, PdfStream.of(PdfDict.of({}), latin1ToBytes('BT ET')));
    });
    expect(lastStep(file).forbidden).toMatchObject([{ what: 'page-content', pageIndex: 0 }]);
  });

  it('point a page at other content', () => {
    const file = appendRevision(signed, (writer, document) => {
      const page = document.pages.get(0);
      const other = writer.addStream(PdfDict.of({}), latin1ToBytes('BT ET'));
      writer.set(page.ref!, page.dict.with({ Contents: other }));
    });
    expect(whats(lastStep(file))).toContain('page-entry');
  });

  it('replace a font', () => {
    const file = appendRevision(signed, (writer, document) => {
      const resources = document.resolveDict(document.pages.get(0).resources);
      const fonts = document.resolveDict(resources?.get('Font'));
      const [[, font]] = [...fonts!.entries()] as [[string, PdfRef]];
      const dict = document.resolveDict(font)!;
      writer.set(font, dict.with({ BaseFont: pdfName('Symbol') }));
    });
    expect(whats(lastStep(file))).toEqual(['page-resources']);
  });

  it('add a page', () => {
    const file = appendRevision(signed, (writer, document) => {
      const root = document.catalog.get('Pages') as PdfRef;
      const pages = document.resolveDict(root)!;
      const kids = document.resolveArray(pages.get('Kids'))!;
      const added = writer.add(PdfDict.of({ Type: pdfName('Page'), Parent: root }));
      writer.set(root, pages.with({ Kids: new PdfArray([...kids.items, added]), Count: 3 }));
    });
    expect(whats(lastStep(file))).toContain('pages-changed');
  });

  it('add an entry to the catalog', () => {
    const file = appendRevision(signed, (writer, document) => {
      const action = PdfDict.of({ S: pdfName('JavaScript'), JS: pdfText('app.alert(1)') });
      writer.set(document.catalogRef, document.catalog.with({ OpenAction: action }));
    });
    expect(lastStep(file).forbidden).toContainEqual({
      what: 'catalog-entry',
      detail: 'OpenAction',
    });
  });

  it('show something in a field that nobody signed, unless it lies outside the page', () => {
    const covered = (rect: readonly number[]): Uint8Array =>
      appendRevision(signed, (writer, document) => {
        const page = document.pages.get(0);
        const annots = document.resolveArray(page.dict.get('Annots'))?.items ?? [];
        const look = writer.addStream(
          PdfDict.of({ Subtype: pdfName('Form') }),
          latin1ToBytes('0 0 9 9 re f'),
        );
        const field = writer.add(
          PdfDict.of({
            FT: pdfName('Sig'),
            Subtype: pdfName('Widget'),
            T: pdfText('Cover'),
            Rect: new PdfArray([...rect]),
            AP: PdfDict.of({ N: look }),
          }),
        );
        const form = document.resolveDict(document.catalog.get('AcroForm'))!;
        const fields = document.resolveArray(form.get('Fields'))!;
        writer.set(
          document.catalog.get('AcroForm') as PdfRef,
          form.with({ Fields: new PdfArray([...fields.items, field]) }),
        );
        writer.set(page.ref!, page.dict.with({ Annots: new PdfArray([...annots, field]) }));
      });
    expect(whats(lastStep(covered([0, 0, 500, 800])))).toContain('unsigned-field-with-appearance');
    expect(whats(lastStep(covered([-900, 0, -400, 800])))).toEqual([]);
  });

  it('cover text with an annotation; beside the text a certification may allow it', () => {
    const stamped = (rect: readonly number[]): StepChanges =>
      lastStep(
        appendRevision(signed, (writer, document) => {
          const page = document.pages.get(0);
          const stamp = writer.add(
            PdfDict.of({ Subtype: pdfName('Stamp'), Rect: new PdfArray(rect) }),
          );
          const old = document.resolveArray(page.dict.get('Annots'))?.items ?? [];
          writer.set(page.ref!, page.dict.with({ Annots: new PdfArray([...old, stamp]) }));
        }),
      );
    expect(whats(stamped([0, 0, 500, 800]))).toEqual(['annotation-covers']);
    const beside = stamped([10, 10, 50, 50]);
    expect(beside.forbidden).toEqual([]);
    expect(beside.permissible).toContainEqual({
      kind: 'annotation',
      objectNumber: expect.any(Number),
      pageIndex: 0,
      rect: { x1: 10, y1: 10, x2: 50, y2: 50 },
    });
  });

  it('replace a signature or its look', () => {
    const replaced = appendRevision(signed, (writer, document) => {
      const field = document.fields[0]!;
      writer.set(field.ref!, field.dict.with({ V: PdfDict.of({ Type: pdfName('Sig') }) }));
    });
    expect(whats(lastStep(replaced))).toContain('signature-replaced');
  });

  it('free an object', () => {
    const file = appendRevision(signed, (writer, document) => {
      const contents = document.pages.get(0).dict.get('Contents');
      const array = document.resolveArray(contents);
      writer.set((array?.items[0] ?? contents) as PdfRef, null);
    });
    expect(lastStep(file).forbidden.length).toBeGreaterThan(0);
  });

  it('bring a dangling reference of the signed document to life', async () => {
    const base = appendRevision(await samplePdf(), (writer, document) => {
      const page = document.pages.get(0);
      writer.set(page.ref!, page.dict.with({ Contents: new PdfArray([new PdfRef(90)]) }));
    });
    const over = await signPdf(base, signer);
    const file = appendRevision(over, (writer) => {
      writer.set(new PdfRef(90), PdfStream.of(PdfDict.of({}), latin1ToBytes('BT ET')));
    });
    expect(whats(lastStep(file))).toContain('dangling-reference-filled');
  });
});
