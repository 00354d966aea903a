/** Rows of values: typed, or pasted from a spreadsheet. */
import { memo, useId, useState, type ClipboardEvent } from 'react';
import { Control } from './control.js';
import type { Field, Table } from './field.js';
import { fieldId, useForm } from './form-context.js';
import { groupYuan } from './money.js';
import { Notes, useNotes } from './notes.js';
import { parseSheet, rowsFrom } from './paste.js';
import { hasAmounts, hasUnitPrices, sumOf, withAmount } from './row-amounts.js';
import { rowsOf, type Values } from './values.js';

interface TableViewProps {
  readonly field: Table;
  readonly pointer: string;
  readonly value: unknown;
}

export function TableView({ field, pointer, value }: TableViewProps) {
  const { set, words, notes } = useForm();
  const id = useId();
  const [showsAll, setShowsAll] = useState(false);
  const [said, setSaid] = useState('');
  const rows = rowsOf(value);
  const ordered = [
    ...field.columns.filter(({ isRequired }) => isRequired),
    ...field.columns.filter(({ isRequired }) => !isRequired),
  ];
  const isNoted = ({ key }: Field): boolean =>
    [...notes.keys()].some((each) => each.startsWith(`${pointer}/`) && each.endsWith(`/${key}`));
  const columns = ordered.filter(
    (column) =>
      showsAll ||
      column.isRequired ||
      rows.some((row) => row[column.key] !== undefined) ||
      isNoted(column),
  );
  const paste = (event: ClipboardEvent<HTMLElement>): void => {
    const sheet = parseSheet(event.clipboardData.getData('text/plain'));
    if (sheet.length === 0) return;
    event.preventDefault();
    const { row: first, column } = cellOf(event.target);
    const pasted = rowsFrom(sheet, ordered, column);
    const length = Math.max(rows.length, first + pasted.length);
    set(
      pointer,
      Array.from({ length }, (_, index) => ({ ...rows[index], ...pasted[index - first] })),
    );
    setSaid(words.pasted(pasted.length));
  };
  return (
    <div className="table" onPaste={paste}>
      <div
        className="table-scroll"
        role="region"
        aria-label={field.label}
        aria-describedby={`${id}hint`}
        tabIndex={0}
      >
        <table>
          <thead>
            <tr>
              <th scope="col">{words.rowNumber}</th>
              {columns.map((column) => (
                <th key={column.key} scope="col" lang="zh-CN">
                  {column.label}
                </th>
              ))}
              <td />
            </tr>
          </thead>
          <tbody>
            {rows.map((row, index) => (
              <Row
                // Rows have no name of their own; their place is what the service calls them by.
                key={index}
                columns={columns}
                ordered={ordered}
                pointer={pointer}
                index={index}
                row={row}
              />
            ))}
          </tbody>
        </table>
      </div>
      <div className="savings">
        <button type="button" onClick={() => set(pointer, [...rows, {}])}>
          {words.addRow}
        </button>
        {hasUnitPrices(field) && (
          <button type="button" onClick={() => set(pointer, rows.map(withAmount))}>
            {words.fillAmounts}
          </button>
        )}
        {ordered.length > columns.length && (
          <button type="button" onClick={() => setShowsAll(true)}>
            {words.allColumns}
          </button>
        )}
        {hasAmounts(field) && <output>{words.sum(groupYuan(sumOf(rows)))}</output>}
      </div>
      <p className="hint" id={`${id}hint`}>
        {words.pasteHint}
      </p>
      <p role="status">{said}</p>
    </div>
  );
}

/** The row and column that an element of the table is in; the first of both where it is in none. */
function cellOf(target: EventTarget): { readonly row: number; readonly column: number } {
  const cell = target instanceof Element ? target.closest<HTMLElement>('td[data-row]') : null;
  const { row = '0', column = '0' } = cell === null ? {} : cell.dataset;
  return { row: Number(row), column: Number(column) };
}

interface RowProps {
  readonly columns: readonly Field[];
  readonly ordered: readonly Field[];
  readonly pointer: string;
  readonly index: number;
  readonly row: Values;
}

/** Drawn anew where its values or the columns change, not at each keystroke elsewhere. */
const Row = memo(
  function Row({ columns, ordered, pointer, index, row }: RowProps) {
    const { words, update } = useForm();
    return (
      <tr>
        <th scope="row" id={fieldId(`${pointer}/${index}`)} tabIndex={-1}>
          {index + 1}
        </th>
        {columns.map((column) => (
          <Cell
            key={column.key}
            column={column}
            pointer={`${pointer}/${index}/${column.key}`}
            rowIndex={index}
            columnIndex={ordered.indexOf(column)}
            value={row[column.key]}
          />
        ))}
        <td>
          <button
            type="button"
            className="quiet"
            aria-label={words.removeRow(index + 1)}
            onClick={() =>
              update(pointer, (rows) => rowsOf(rows).filter((_, other) => other !== index))
            }
          >
            ×
          </button>
        </td>
      </tr>
    );
  },
  (before, after) =>
    before.row === after.row &&
    before.index === after.index &&
    before.columns.length === after.columns.length,
);

interface CellProps {
  readonly column: Field;
  readonly pointer: string;
  readonly rowIndex: number;
  readonly columnIndex: number;
  readonly value: unknown;
}

function Cell({ column, pointer, rowIndex, columnIndex, value }: CellProps) {
  const { notes } = useNotes(pointer);
  // Tables in tables are in no schema of ours.
  if (column.kind === 'group' || column.kind === 'table' || column.kind === 'constant')
    return <td />;
  return (
    <td data-row={rowIndex} data-column={columnIndex} className={`cell-${column.kind}`}>
      <label htmlFor={fieldId(pointer)} className="cell-label" lang="zh-CN">
        {column.label}
      </label>
      <Control field={column} pointer={pointer} value={value} />
      <Notes pointer={pointer} notes={notes} />
    </td>
  );
}
