/** How one kind of work after another did on one file after another, and how that is printed. */

export interface FileRow {
  readonly name: string;
  /** Median over the rounds, each the median of its repeats; absent where it failed. */
  readonly medianMs?: number;
  readonly cpuMs?: number;
  /** Resident memory of the whole process at its highest. */
  readonly peakBytes?: number;
  /** Time as a multiple of the floor's. */
  readonly floorRatio?: number;
  /** Time as a multiple of ours. */
  readonly oursRatio?: number;
  readonly failure?: string;
}

export interface FileTable {
  readonly file: string;
  readonly sizeBytes: number;
  readonly rows: readonly FileRow[];
}

export interface FilesReport {
  readonly part: string;
  readonly setting: Readonly<Record<string, string | number>>;
  readonly tables: readonly FileTable[];
}

const COLUMNS = ['median ms', 'cpu ms', 'peak MB', 'to floor', 'to ours'] as const;

const fixed = (value: number | undefined, digits: number): string =>
  value === undefined ? '' : value.toFixed(digits);

export function filesReportText({ part, setting, tables }: FilesReport): string {
  const names = tables.flatMap(({ rows }) => rows.map(({ name }) => name.length));
  const width = Math.max(...names, 4);
  const line = (name: string, cells: readonly string[]): string =>
    `${name.padEnd(width)}  ${cells.map((cell) => cell.padStart(10)).join(' ')}`;
  const lines = [
    `# ${part}`,
    ...Object.entries(setting).map(([name, value]) => `${name}: ${String(value)}`),
  ];
  for (const { file, sizeBytes, rows } of tables) {
    lines.push('', `## ${file} (${sizeBytes} bytes)`, line('work', COLUMNS));
    for (const row of rows) {
      const cells = [
        fixed(row.medianMs, 2),
        fixed(row.cpuMs, 2),
        fixed(row.peakBytes === undefined ? undefined : row.peakBytes / 1e6, 0),
        fixed(row.floorRatio, 2),
        fixed(row.oursRatio, 2),
      ];
      lines.push(
        row.failure === undefined
          ? line(row.name, cells)
          : `${row.name.padEnd(width)}  ${row.failure}`,
      );
    }
  }
  return `${lines.join('\n')}\n`;
}
