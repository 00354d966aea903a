/** A stored document as its adapter would lay it out, to be written again and again for other ids. */
import type { CollectionSpec, IndexValue, StoredDocument } from '../../../src/store/index.js';
import { shapeRecord } from '../../../src/store/record-shape.js';
import { EVERYONE } from '../../../src/store/sqlite/scope-numbers.js';
import { cellsOf, tablesOf, type RowKind } from '../../../src/store/sqlite/tables.js';
import type { BulkWriter } from './bulk-writer.js';
import { TextTemplate, type Slots, type Tokens } from './text-template.js';

type Cell = (rendered: readonly string[]) => IndexValue | null;

export interface RecordTemplate {
  /** Writes one copy. */
  write(slots: Slots): void;
}

/** The texts that a record's cells are made of, each rendered once a copy however many rows it stands in. */
class Texts {
  readonly #tokens: Tokens;
  readonly #templates: TextTemplate[] = [];
  readonly #places = new Map<string, number>();

  constructor(tokens: Tokens) {
    this.#tokens = tokens;
  }

  /** Where `value` is among what is rendered. */
  place(value: string): number {
    let place = this.#places.get(value);
    if (place === undefined) {
      place = this.#templates.push(new TextTemplate(value, this.#tokens)) - 1;
      this.#places.set(value, place);
    }
    return place;
  }

  render(slots: Slots): readonly string[] {
    return this.#templates.map((template) => template.render(slots));
  }
}

export function recordTemplate<T extends StoredDocument, K extends string>(
  writer: BulkWriter,
  spec: CollectionSpec<T, K>,
  document: T,
  tokens: Tokens,
): RecordTemplate {
  const shape = shapeRecord(spec, document);
  const tables = tablesOf(spec);
  const texts = new Texts(tokens);
  const textAt = (place: number, rendered: readonly string[]): string => rendered[place] ?? '';
  const cell = (value: IndexValue | null): Cell => {
    if (value === null) return () => null;
    const place = texts.place(String(value));
    if (typeof value === 'string') return (rendered) => textAt(place, rendered);
    return (rendered) => Number(textAt(place, rendered));
  };
  const scope = (key: string): Cell => {
    const place = texts.place(key);
    return (rendered) => writer.scopeNumber(textAt(place, rendered));
  };
  const row = (number: Cell, kind: RowKind): readonly Cell[] => [
    number,
    cell(shape.id),
    ...cellsOf(tables, shape, kind).map(cell),
  ];
  const inserts = [
    {
      insert: writer.insert(tables.documents, ['id', 'version', 'body'], 1),
      cells: [cell(shape.id), () => shape.version, cell(shape.body)],
    },
    {
      insert: writer.insert(
        tables.reach,
        ['scope', 'id', ...tables.columns.values()],
        1 + shape.scopeKeys.length,
      ),
      cells: [
        ...row(() => EVERYONE, 'everyone'),
        ...shape.scopeKeys.flatMap((key) => row(scope(key), 'scoped')),
      ],
    },
    ...[...tables.valueTables].flatMap(([name, table]) =>
      (shape.values.get(name) ?? []).map((value) => ({
        insert: writer.insert(table, ['value', 'id'], 1),
        cells: [cell(value), cell(shape.id)],
      })),
    ),
  ];
  return {
    write(slots) {
      const rendered = texts.render(slots);
      for (const { insert, cells } of inserts) insert(cells.map((each) => each(rendered)));
    },
  };
}
