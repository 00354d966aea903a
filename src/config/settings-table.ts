/** The settings as a table for the documentation; a test compares it with what is committed. */
import { namedSettings } from './settings.js';

/** Markdown: setting, variable, default, meaning. */
export function settingsTable(): string {
  const rows = namedSettings().map(({ name, variable, setting }) => {
    const meaning = setting.isSecret ? `${setting.description} (secret)` : setting.description;
    const cells = [`\`${name}\``, `\`${variable}\``, `\`${setting.defaultText}\``, meaning];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  return ['| setting | variable | default | meaning |', '| --- | --- | --- | --- |', ...rows].join(
    '\n',
  );
}
