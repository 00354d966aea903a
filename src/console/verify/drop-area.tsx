/** Where files come in: dropped anywhere on the page, or chosen by a button. */
import { useEffect, useRef, useState } from 'react';
import { useLanguage } from '../text/language.js';

export function DropArea({ onFiles }: { readonly onFiles: (files: readonly File[]) => void }) {
  const { texts } = useLanguage();
  const input = useRef<HTMLInputElement>(null);
  const isOver = useDroppedFiles(onFiles);
  return (
    <section className={isOver ? 'drop drop-over' : 'drop'}>
      <p className="drop-main">{texts.dropHere}</p>
      <p>{texts.dropOr}</p>
      <button type="button" className="primary" onClick={() => input.current?.click()}>
        {texts.choose}
      </button>
      <input
        ref={input}
        type="file"
        accept="application/pdf,.pdf,application/zip,.zip"
        multiple
        hidden
        data-testid="files"
        onChange={({ target }) => {
          onFiles([...(target.files ?? [])]);
          // The same file may be chosen again.
          target.value = '';
        }}
      />
      <p className="hint">
        {texts.dropHint}。{texts.privacy}
      </p>
    </section>
  );
}

/** On the whole page: a file that misses the area would be opened by the browser instead. */
function useDroppedFiles(onFiles: (files: readonly File[]) => void): boolean {
  const [isOver, setIsOver] = useState(false);
  useEffect(() => {
    const over = (event: DragEvent): void => {
      event.preventDefault();
      setIsOver(true);
    };
    const out = (event: DragEvent): void => {
      // Leaving the window, not one element for another.
      if (event.relatedTarget === null) setIsOver(false);
    };
    const drop = (event: DragEvent): void => {
      event.preventDefault();
      setIsOver(false);
      const files = [...(event.dataTransfer?.files ?? [])];
      if (files.length > 0) onFiles(files);
    };
    addEventListener('dragover', over);
    addEventListener('dragleave', out);
    addEventListener('drop', drop);
    return () => {
      removeEventListener('dragover', over);
      removeEventListener('dragleave', out);
      removeEventListener('drop', drop);
    };
  }, [onFiles]);
  return isOver;
}
