/**
 * Writes the logical structure into the file: elements, and the way back to them from pages.
 * Signature fields are left out of it: some validators take a field that the tree refers to, and that
 * is signed later, for a change of what earlier signers signed.
 */
import { PDFHexString, PDFName, type PDFDict, type PDFDocument, type PDFRef } from 'pdf-lib';
import { StructureElement } from '../structure.js';

/** @see ISO 32000-1:2008, 14.7 (logical structure), 14.8 (tagged PDF) */
export function addStructureTree(
  document: PDFDocument,
  root: StructureElement,
  pages: readonly { readonly ref: PDFRef; readonly node: PDFDict }[],
): void {
  const { context, catalog } = document;
  const treeRef = context.nextRef();
  /** Owner of each marked-content sequence, by page. */
  const owners: PDFRef[][] = pages.map(() => []);

  const write = (element: StructureElement, parent: PDFRef): PDFRef => {
    const ref = context.nextRef();
    const kids = element.kids.map((kid) => {
      if (kid instanceof StructureElement) return write(kid, ref);
      const ofPage = owners[kid.pageIndex];
      if (ofPage !== undefined) ofPage[kid.mcid] = ref;
      const page = pages[kid.pageIndex]?.ref ?? null;
      return context.obj({ Type: 'MCR', Pg: page, MCID: kid.mcid });
    });
    const dict = context.obj({ Type: 'StructElem', S: element.role, P: parent, K: kids });
    const attributes = attributesOf(element);
    if (attributes !== undefined) dict.set(PDFName.of('A'), context.obj(attributes));
    const { figure } = element.attributes;
    if (figure !== undefined) dict.set(PDFName.of('Alt'), PDFHexString.fromText(figure.alt));
    context.assign(ref, dict);
    return ref;
  };

  const documentRef = write(root, treeRef);
  const entries: (number | PDFRef)[] = [];
  pages.forEach(({ node }, index) => {
    node.set(PDFName.of('StructParents'), context.obj(index));
    node.set(PDFName.of('Tabs'), PDFName.of('S'));
    entries.push(index, context.register(context.obj(owners[index] ?? [])));
  });
  context.assign(
    treeRef,
    context.obj({
      Type: 'StructTreeRoot',
      K: documentRef,
      ParentTree: context.register(context.obj({ Nums: entries })),
      ParentTreeNextKey: pages.length,
    }),
  );
  catalog.set(PDFName.of('StructTreeRoot'), treeRef);
  catalog.set(PDFName.of('MarkInfo'), context.obj({ Marked: true }));
}

function attributesOf({
  role,
  attributes,
}: StructureElement): Record<string, string | number | number[]> | undefined {
  if (attributes.figure !== undefined) {
    return { O: 'Layout', Placement: 'Block', BBox: [...attributes.figure.box] };
  }
  if (role === 'TH') return { O: 'Table', Scope: 'Column' };
  if (attributes.columnSpan === undefined) return undefined;
  return { O: 'Table', ColSpan: attributes.columnSpan };
}
