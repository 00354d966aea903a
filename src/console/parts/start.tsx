/** Puts a page into the document. */
import { StrictMode, type ReactNode } from 'react';
import { createRoot } from 'react-dom/client';
import '../style/page.css';
import { LanguageProvider } from '../text/language.js';

export function start(page: ReactNode): void {
  const place = document.getElementById('page');
  if (place === null) throw new Error('the document has no place for the page');
  createRoot(place).render(
    <StrictMode>
      <LanguageProvider>{page}</LanguageProvider>
    </StrictMode>,
  );
}
