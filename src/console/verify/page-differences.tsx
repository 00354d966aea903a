/** The pages that look otherwise than when a signature was made: close-ups of each place, then the pages. */
import { useMemo } from 'react';
import type { ReportedChange } from '../api/report.js';
import type { Area, PageDifference, Picture } from '../api/pictures.js';
import { comparePages } from '../api/verifications.js';
import { explainProblem } from '../parts/explain-problem.js';
import { useAnswer } from '../parts/use-answer.js';
import { useLanguage } from '../text/language.js';
import type { Texts } from '../text/zh.js';

interface PageDifferencesViewProps {
  readonly file: File;
  readonly revision: number;
  /** Since that revision. */
  readonly changes: readonly ReportedChange[];
}

export function PageDifferencesView({ file, revision, changes }: PageDifferencesViewProps) {
  const { texts } = useLanguage();
  const ask = useMemo(
    () => (signal: AbortSignal) => comparePages(file, revision, signal),
    [file, revision],
  );
  const answer = useAnswer(ask);
  if (answer.state === 'asking') return <p role="status">{texts.comparing}</p>;
  if (answer.state === 'failed') {
    const { title, advice } = explainProblem(answer.error, texts);
    return (
      <p role="alert">
        {title}。{advice}
      </p>
    );
  }
  const { pages, pagesCompared, isComplete } = answer.value;
  return (
    <div className="differences" role="status">
      {pages.length === 0 && <p>{texts.noPageDiffers(pagesCompared)}</p>}
      {pages.map((difference) => (
        <Page
          key={difference.page}
          difference={difference}
          isPermitted={isPermittedOn(difference.page, changes)}
        />
      ))}
      {!isComplete && <p>{texts.pagesIncomplete}</p>}
    </div>
  );
}

/** More close-ups than these say no more than the page itself. */
const MOST_CLOSE_UPS = 4;

/** Whether nothing that is not allowed can be what is seen on this page. */
function isPermittedOn(page: number, changes: readonly ReportedChange[]): boolean {
  return changes.every((each) => each.permitted || (each.page !== null && each.page !== page));
}

interface PageProps {
  readonly difference: PageDifference;
  readonly isPermitted: boolean;
}

function Page({ difference, isPermitted }: PageProps) {
  const { texts } = useLanguage();
  const { before, after, areas } = difference;
  return (
    <section
      className={`difference difference-${isPermitted ? 'permitted' : 'forbidden'}`}
      data-testid="difference"
    >
      <h6>
        {titleOf(difference, texts)}
        <span className="chip">{isPermitted ? texts.permitted : texts.notPermitted}</span>
      </h6>
      {before !== null &&
        after !== null &&
        areas
          .slice(0, MOST_CLOSE_UPS)
          .map((area, index) => (
            <Pair
              key={`${area.left} ${area.top}`}
              title={areas.length > 1 ? texts.closeUp(index + 1) : undefined}
              before={before}
              after={after}
              areas={[area]}
              view={around(area, after)}
              isPermitted={isPermitted}
            />
          ))}
      <details open={areas.length === 0 || areas.length > MOST_CLOSE_UPS}>
        <summary>{texts.wholePage}</summary>
        {areas.length > 0 && <p>{texts.marked}</p>}
        <Pair
          title={undefined}
          before={before}
          after={after}
          areas={areas}
          view={undefined}
          isPermitted={isPermitted}
        />
      </details>
    </section>
  );
}

function titleOf({ kind, page }: PageDifference, texts: Texts): string {
  switch (kind) {
    case 'changed':
      return texts.pageChanged(page);
    case 'resized':
      return texts.pageResized(page);
    case 'added':
      return texts.pageAdded(page);
    case 'removed':
      return texts.pageRemoved(page);
  }
}

const MARGIN_PX = 24;
/** A close-up of two letters would show nothing of what they belong to. */
const LEAST_WIDTH_PX = 320;
const LEAST_HEIGHT_PX = 80;

function around(area: Area, { widthPx, heightPx }: Picture): Area {
  const width = Math.min(widthPx, Math.max(LEAST_WIDTH_PX, area.width + 2 * MARGIN_PX));
  const height = Math.min(heightPx, Math.max(LEAST_HEIGHT_PX, area.height + 2 * MARGIN_PX));
  const centred = (start: number, length: number, shown: number, whole: number): number =>
    Math.min(Math.max(0, start + length / 2 - shown / 2), whole - shown);
  return {
    left: centred(area.left, area.width, width, widthPx),
    top: centred(area.top, area.height, height, heightPx),
    width,
    height,
  };
}

interface PairProps {
  readonly title: string | undefined;
  readonly before: Picture | null;
  readonly after: Picture | null;
  readonly areas: readonly Area[];
  /** The part that is shown; the whole unless given. */
  readonly view: Area | undefined;
  readonly isPermitted: boolean;
}

function Pair({ title, before, after, ...shown }: PairProps) {
  const { texts } = useLanguage();
  return (
    <div className="pair">
      {title !== undefined && <p className="pair-title">{title}</p>}
      {before !== null && <Shown name={texts.before} picture={before} {...shown} />}
      {after !== null && <Shown name={texts.after} picture={after} {...shown} />}
    </div>
  );
}

interface ShownProps extends Pick<PairProps, 'areas' | 'view' | 'isPermitted'> {
  readonly name: string;
  readonly picture: Picture;
}

function Shown({ name, picture, areas, view, isPermitted }: ShownProps) {
  const { widthPx, heightPx, pngB64 } = picture;
  const { left, top, width, height } = view ?? {
    left: 0,
    top: 0,
    width: widthPx,
    height: heightPx,
  };
  return (
    <figure>
      <figcaption>{name}</figcaption>
      <svg
        role="img"
        aria-label={name}
        viewBox={`${left} ${top} ${width} ${height}`}
        preserveAspectRatio="xMidYMid meet"
      >
        <image href={`data:image/png;base64,${pngB64}`} width={widthPx} height={heightPx} />
        {areas.map((area) => (
          <rect
            key={`${area.left} ${area.top}`}
            className={isPermitted ? 'mark mark-permitted' : 'mark'}
            x={area.left - 2}
            y={area.top - 2}
            width={area.width + 4}
            height={area.height + 4}
          />
        ))}
      </svg>
    </figure>
  );
}
