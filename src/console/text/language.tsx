/** Chinese first; who switches to English finds it again next time. */
import { createContext, use, useEffect, useMemo, useState, type ReactNode } from 'react';
import { en } from './en.js';
import { zh, type Texts } from './zh.js';

export type Language = 'zh' | 'en';

interface LanguageChoice {
  readonly language: Language;
  readonly texts: Texts;
  readonly switchLanguage: () => void;
}

const KEY = 'language';
const TEXTS: Readonly<Record<Language, Texts>> = { zh, en };
const Choice = createContext<LanguageChoice | undefined>(undefined);

function storedLanguage(): Language {
  try {
    return localStorage.getItem(KEY) === 'en' ? 'en' : 'zh';
  } catch {
    // Storage may be forbidden.
    return 'zh';
  }
}

export function LanguageProvider({ children }: { readonly children: ReactNode }) {
  const [language, setLanguage] = useState(storedLanguage);
  useEffect(() => {
    document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
    try {
      localStorage.setItem(KEY, language);
    } catch {
      // Then it is not found again.
    }
  }, [language]);
  const choice = useMemo<LanguageChoice>(
    () => ({
      language,
      texts: TEXTS[language],
      switchLanguage: () => setLanguage((now) => (now === 'zh' ? 'en' : 'zh')),
    }),
    [language],
  );
  return <Choice value={choice}>{children}</Choice>;
}

export function useLanguage(): LanguageChoice {
  const choice = use(Choice);
  if (choice === undefined) throw new Error('outside of LanguageProvider');
  return choice;
}

/** Of a text in two languages, as reports have them. */
export function pick(
  language: Language,
  { text, textEn }: { readonly text: string; readonly textEn: string },
): string {
  return language === 'zh' ? text : textEn;
}

/** China Standard Time, as on paper: `2026年11月20日 16:00:00（北京时间）`. */
export function showTime(language: Language, rfc3339: string): string {
  const format = new Intl.DateTimeFormat(language === 'zh' ? 'zh-CN' : 'en-GB', {
    timeZone: 'Asia/Shanghai',
    dateStyle: 'long',
    timeStyle: 'medium',
  });
  const text = format.format(new Date(rfc3339));
  return language === 'zh' ? `${text}（北京时间）` : `${text} (Beijing time)`;
}

/** `2026年11月20日`, by China Standard Time. */
export function showDay(language: Language, rfc3339: string): string {
  const format = new Intl.DateTimeFormat(language === 'zh' ? 'zh-CN' : 'en-GB', {
    timeZone: 'Asia/Shanghai',
    dateStyle: 'long',
  });
  return format.format(new Date(rfc3339));
}
