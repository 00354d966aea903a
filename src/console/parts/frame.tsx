/** What every page has around it: the name, the way to the other pages, the language. */
import { useEffect, type ReactNode } from 'react';
import { useLanguage } from '../text/language.js';

interface FrameProps {
  readonly page: 'verify' | 'seals' | 'contracts';
  readonly title: string;
  readonly lead: string;
  readonly children: ReactNode;
}

export function Frame({ page, title, lead, children }: FrameProps) {
  const { texts, switchLanguage, language } = useLanguage();
  useEffect(() => {
    document.title = `${title} · ${texts.product}`;
  }, [title, texts]);
  useEffect(() => {
    // What is folded would be missing on paper.
    const unfold = (): void => {
      for (const each of document.querySelectorAll('details')) each.open = true;
    };
    addEventListener('beforeprint', unfold);
    return () => removeEventListener('beforeprint', unfold);
  }, []);
  const link = (to: typeof page, href: string, text: string) => (
    <a href={href} aria-current={page === to ? 'page' : undefined}>
      {text}
    </a>
  );
  return (
    <>
      <a className="skip" href="#content">
        {texts.skip}
      </a>
      <header className="head">
        <div className="head-inner">
          <a className="brand" href="/">
            <img src="/favicon.svg" alt="" width="28" height="28" />
            <strong>{texts.product}</strong>
            <span className="brand-line">{texts.productLine}</span>
          </a>
          <nav aria-label={texts.navigation}>
            {link('verify', '/', texts.verifyPage)}
            {link('seals', '/seals', texts.sealsPage)}
            {link('contracts', '/contracts', texts.contractsPage)}
            <button
              type="button"
              className="language"
              lang={language === 'zh' ? 'en' : 'zh-CN'}
              onClick={switchLanguage}
            >
              {texts.otherLanguage}
            </button>
          </nav>
        </div>
      </header>
      <main id="content" tabIndex={-1}>
        <h1>{title}</h1>
        <p className="lead">{lead}</p>
        {children}
      </main>
      <footer className="foot">
        <a href="/docs">{texts.apiDocumentation}</a>
      </footer>
    </>
  );
}
