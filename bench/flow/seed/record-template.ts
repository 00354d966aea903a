/** A stored document as its adapter would lay it out, to be written again and again for other ids. */
import type { CollectionSpec, IndexValue, StoredDocument } from '../../../src/store/index.js';
import { shapeRecord } from '../../../src/store/record-shape.js';
import { cellsOf, EVERYONE, placementOf, tablesOf } from '../../../src/store/sqlite/tables.js';
import type { BulkWriter } from './bulk-writer.js';
import { TextTemplate, type Slots, type Tokens } from './text-template.js';

type Cell = (slots: Slots) => IndexValue | null;

export interface RecordTemplate {
  /** Writes one copy. */
  write(slots: Slots): void;
}

export function recordTemplate<T extends StoredDocument, K extends string>(
  writer: BulkWriter,
  spec: CollectionSpec<T, K>,
  document: T,
  tokens: Tokens,
): RecordTemplate {
  const shape = shapeRecord(spec, document);
  const tables = tablesOf(spec);
  const text = (value: string): Cell => {
    const template = new TextTemplate(value, tokens);
    return (slots) => template.render(slots);
  };
  const cell = (value: IndexValue | null): Cell => {
    if (value === null) return () => null;
    if (typeof value === 'string') return text(value);
    const template = new TextTemplate(String(value), tokens);
    return (slots) => Number(template.render(slots));
  };
  const head = [
    text(shape.id),
    () => shape.version,
    text(placementOf(shape)),
    text(shape.body),
  ] as const;
  const reach = [EVERYONE, ...shape.scopeKeys].flatMap((key) => [
    text(key),
    text(shape.id),
    ...cellsOf(tables, shape, key).map(cell),
  ]);
  const values = [...tables.valueTables].flatMap(([name, table]) =>
    (shape.values.get(name) ?? []).map((value) => ({
      insert: writer.insert(table, ['value', 'id'], 1),
      cells: [cell(value), text(shape.id)],
    })),
  );
  const inserts = [
    {
      insert: writer.insert(tables.documents, ['id', 'version', 'placement', 'body'], 1),
      cells: head,
    },
    {
      insert: writer.insert(
        tables.reach,
        ['scope', 'id', ...tables.columns.values()],
        1 + shape.scopeKeys.length,
      ),
      cells: reach,
    },
    ...values,
  ];
  return {
    write(slots) {
      for (const { insert, cells } of inserts) insert(cells.map((each) => each(slots)));
    },
  };
}
