/** What a document says, block by block, texts in order and nothing left to decide. How it looks is the layout's. */

export type Align = 'left' | 'centre' | 'right';

export interface Field {
  readonly label: string;
  readonly value: string;
}

export interface Table {
  readonly kind: 'table';
  readonly columns: readonly {
    readonly title: string;
    readonly width: number;
    readonly align: Align;
  }[];
  /** A cell may have several lines. */
  readonly rows: readonly (readonly string[])[];
  readonly footer: readonly string[];
}

export interface GridCell {
  /** Lines, one below the other. */
  readonly text: string;
  /** Columns it goes over. */
  readonly span: number;
  readonly align: Align;
}

/** A table whose rows divide its width as they like. */
export interface Grid {
  readonly kind: 'grid';
  /** Shares of the table's width. */
  readonly widths: readonly number[];
  /** Head rows come first; they are repeated on every page. */
  readonly rows: readonly { readonly isHead: boolean; readonly cells: readonly GridCell[] }[];
}

/** A PNG at its true size, with what it shows for who cannot see it. */
export interface PictureBlock {
  readonly kind: 'picture';
  readonly png: Uint8Array;
  readonly widthMm: number;
  readonly heightMm: number;
  readonly alt: string;
}

/** A place for one seal. */
export interface SignaturePlace {
  /** Tells the places apart. */
  readonly key: string;
  /** Room for the unit's seal, or for the smaller one of a person beside it. */
  readonly size: 'unit' | 'person';
  /** The empty signature field to put there; none where absent. */
  readonly field?: { readonly name: string; readonly description: string };
}

export interface SignatureParty {
  readonly title: string;
  readonly name: string;
  readonly rows: readonly Field[];
  /** One or two, side by side. */
  readonly places: readonly SignaturePlace[];
}

export type Block =
  | {
      readonly kind: 'cover';
      readonly title: string;
      readonly subtitle: string;
      readonly rows: readonly Field[];
    }
  /** A title above what follows on the same page. */
  | { readonly kind: 'title'; readonly text: string; readonly subtitle: string }
  /** The answer, where a document is one: framed and marked, so that it does not hang on a colour alone. */
  | {
      readonly kind: 'verdict';
      readonly tone: 'good' | 'bad' | 'open';
      readonly text: string;
      readonly detail: string;
    }
  /** Level 1 is a part of its own, which starts a page where the one before is not nearly empty. */
  | { readonly kind: 'heading'; readonly text: string; readonly level: 1 | 2 }
  | { readonly kind: 'page-break' }
  | { readonly kind: 'paragraph'; readonly text: string; readonly align: Align }
  | {
      readonly kind: 'fields';
      readonly title: string;
      readonly rows: readonly Field[];
    }
  | Table
  | Grid
  | PictureBlock
  | {
      readonly kind: 'signatures';
      readonly note: string;
      readonly parties: readonly SignatureParty[];
    };

/** Every text that will be shown, for looking for missing glyphs before anything is drawn. */
export function* textsOf(block: Block): Generator<string> {
  switch (block.kind) {
    case 'cover':
      yield block.title;
      yield block.subtitle;
      yield* fieldTexts(block.rows);
      break;
    case 'title':
      yield block.text;
      yield block.subtitle;
      break;
    case 'verdict':
      yield block.text;
      yield block.detail;
      break;
    case 'heading':
    case 'paragraph':
      yield block.text;
      break;
    case 'page-break':
    case 'picture':
      break;
    case 'fields':
      yield block.title;
      yield* fieldTexts(block.rows);
      break;
    case 'table':
      for (const column of block.columns) yield column.title;
      for (const row of block.rows) for (const text of row) yield* text.split('\n');
      yield* block.footer;
      break;
    case 'grid':
      for (const { cells } of block.rows) for (const { text } of cells) yield* text.split('\n');
      break;
    case 'signatures':
      yield block.note;
      for (const party of block.parties) {
        yield party.title;
        yield party.name;
        yield* fieldTexts(party.rows);
      }
      break;
  }
}

function* fieldTexts(rows: readonly Field[]): Generator<string> {
  for (const row of rows) {
    yield row.label;
    yield row.value;
  }
}

/** The block with every text put through `change`; what is not shown stays. */
export function mapTexts(block: Block, change: (text: string) => string): Block {
  const lines = (text: string): string => text.split('\n').map(change).join('\n');
  const fields = (rows: readonly Field[]): readonly Field[] =>
    rows.map(({ label, value }) => ({ label: change(label), value: change(value) }));
  switch (block.kind) {
    case 'cover':
      return {
        ...block,
        title: change(block.title),
        subtitle: change(block.subtitle),
        rows: fields(block.rows),
      };
    case 'title':
      return { ...block, text: change(block.text), subtitle: change(block.subtitle) };
    case 'verdict':
      return { ...block, text: change(block.text), detail: change(block.detail) };
    case 'heading':
    case 'paragraph':
      return { ...block, text: change(block.text) };
    case 'page-break':
    case 'picture':
      return block;
    case 'fields':
      return { ...block, title: change(block.title), rows: fields(block.rows) };
    case 'table':
      return {
        ...block,
        columns: block.columns.map((column) => ({ ...column, title: change(column.title) })),
        rows: block.rows.map((row) => row.map(lines)),
        footer: block.footer.map(change),
      };
    case 'grid':
      return {
        ...block,
        rows: block.rows.map(({ isHead, cells }) => ({
          isHead,
          cells: cells.map((cell) => ({
            ...cell,
            text: lines(cell.text),
          })),
        })),
      };
    case 'signatures':
      return {
        ...block,
        note: change(block.note),
        parties: block.parties.map((party) => ({
          ...party,
          title: change(party.title),
          name: change(party.name),
          rows: fields(party.rows),
        })),
      };
  }
}
