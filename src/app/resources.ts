/** Fonts and templates: read once, from the package or from where the configuration says. */
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  WorkingDayCalendar,
  parseCalendarYear,
  parseTemplate,
  templateKey,
  type ContractTemplate,
} from '../contract/index.js';
import { AppError } from '../kernel/index.js';
import { fontFace, type FontFace } from '../font/index.js';

export interface ResourceFolders {
  readonly templatesDirectory?: string | undefined;
  readonly calendarsDirectory?: string | undefined;
  readonly fontsDirectory?: string | undefined;
}

export interface Resources {
  readonly fonts: { readonly regular: Uint8Array; readonly bold: Uint8Array };
  readonly sealFont: FontFace;
  readonly templates: ReadonlyMap<string, ContractTemplate>;
  readonly calendar: WorkingDayCalendar;
  /** By `id` (its newest version) or `id@version`. @throws AppError `template-not-found` */
  template(name: string): ContractTemplate;
}

/** Root of the package, from `dist/app` and from `src/app` alike. */
export const PACKAGE_ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

const FONT_FILES = {
  regular: 'NotoSerifSC_400Regular.ttf',
  bold: 'NotoSerifSC_700Bold.ttf',
} as const;
const FONT_PACKAGE = '@expo-google-fonts/noto-serif-sc';

function fontFile(folder: string | undefined, kind: keyof typeof FONT_FILES): Uint8Array {
  const file = FONT_FILES[kind];
  const packaged = (): string => {
    const entry = createRequire(import.meta.url).resolve(`${FONT_PACKAGE}/package.json`);
    return join(dirname(entry), kind === 'regular' ? '400Regular' : '700Bold', file);
  };
  const path = folder === undefined ? packaged() : join(folder, file);
  try {
    return new Uint8Array(readFileSync(path));
  } catch (error) {
    throw new AppError('config-invalid', 'a font cannot be read', {
      params: { faults: [`fontsDirectory: ${file}`] },
      cause: error,
    });
  }
}

function readTemplates(folder: string): readonly ContractTemplate[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => parseTemplate(JSON.parse(readFileSync(join(folder, name), 'utf8'))));
}

/** Plans of the package, and those of `folder`, which take the place of the same year's. */
export function readCalendar(folder?: string): WorkingDayCalendar {
  const folders = [join(PACKAGE_ROOT, 'calendars'), ...(folder === undefined ? [] : [folder])];
  const years = folders.flatMap((each) =>
    readdirSync(each)
      .filter((name) => name.endsWith('.json'))
      .sort()
      .map((name) => parseCalendarYear(JSON.parse(readFileSync(join(each, name), 'utf8')))),
  );
  return new WorkingDayCalendar(years);
}

/** @throws AppError `config-invalid` */
export function loadResources(folders: ResourceFolders = {}): Resources {
  const fonts = {
    regular: fontFile(folders.fontsDirectory, 'regular'),
    bold: fontFile(folders.fontsDirectory, 'bold'),
  };
  const templates = new Map<string, ContractTemplate>();
  const folder = folders.templatesDirectory ?? join(PACKAGE_ROOT, 'templates', 'contracts');
  for (const template of readTemplates(folder)) {
    templates.set(templateKey(template), template);
    const newest = templates.get(template.id);
    if (newest === undefined || newest.version < template.version) {
      templates.set(template.id, template);
    }
  }
  return {
    fonts,
    sealFont: fontFace(fonts.bold),
    templates,
    calendar: readCalendar(folders.calendarsDirectory),
    template(name) {
      const template = templates.get(name);
      if (template === undefined) {
        throw new AppError('template-not-found', 'no such template', {
          params: { template: name },
        });
      }
      return template;
    },
  };
}
