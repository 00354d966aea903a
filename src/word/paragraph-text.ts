/** The text of a paragraph: runs in order, fields by what they show, everything else refused by name. */
import type { Findings } from './findings.js';
import { REFUSED_ELEMENTS, SILENT_ELEMENTS, TRANSPARENT_ELEMENTS } from './refused-names.js';
import { isNearestOn, nearest, type Styles } from './styles.js';
import { childOf, elementsOf, valueOf, type XmlElement } from './xml.js';

/** Where a line ends within a paragraph, and where a page does. */
export const LINE_END = '\n';
export const PAGE_END = '\f';
/** Stands where a field shows the number of a page or of all pages. */
export const PAGE_NUMBER = '\ue000';

interface OpenField {
  instruction: string;
  isResult: boolean;
}

const RAISED: Readonly<Record<string, string>> = { '1': '¹', '2': '²', '3': '³' };
const TAB = '　　';
const WHITE = /^(ffffff|fefefe|fdfdfd)$/i;
/** Looks that give way to one setting. */
const LOOKS = ['w:b', 'w:i', 'w:u', 'w:color', 'w:sz', 'w:highlight', 'w:rFonts', 'w:em'];

export class ParagraphText {
  readonly #styles: Styles;
  readonly #findings: Findings;
  /** Open fields, outermost first: a table of contents goes over many paragraphs. */
  readonly #fields: OpenField[] = [];

  constructor(styles: Styles, findings: Findings) {
    this.#styles = styles;
    this.#findings = findings;
  }

  /** Whether what comes next is within a table of contents. */
  get isWithinContents(): boolean {
    return this.#fields.some(({ instruction }) => kindOf(instruction) === 'TOC');
  }

  /** @param where - said before what is refused */
  of(paragraph: XmlElement, where: string): string {
    const properties = childOf(paragraph, 'w:pPr');
    for (const found of refusedIn(properties)) this.#refuseElement(found, where);
    return this.#content(paragraph, properties, where);
  }

  #content(element: XmlElement, paragraph: XmlElement | undefined, where: string): string {
    return elementsOf(element)
      .map((child) => this.#inline(child, paragraph, where))
      .join('');
  }

  #inline(child: XmlElement, paragraph: XmlElement | undefined, where: string): string {
    switch (child.name) {
      case 'w:r':
        return this.#run(child, paragraph, where);
      case 'w:hyperlink':
        this.#findings.tell('link');
        return this.#content(child, paragraph, where);
      case 'w:fldSimple': {
        this.#fields.push({ instruction: child.attributes.get('w:instr') ?? '', isResult: true });
        const text = this.#content(child, paragraph, where);
        return this.#endField(where) ?? text;
      }
      case 'w:sdt':
        return this.control(child, where) ? this.#contentOfControl(child, paragraph, where) : '';
      default:
        if (TRANSPARENT_ELEMENTS.has(child.name)) return this.#content(child, paragraph, where);
        this.#other(child, where);
        return '';
    }
  }

  #contentOfControl(control: XmlElement, paragraph: XmlElement | undefined, where: string): string {
    const content = childOf(control, 'w:sdtContent');
    return content === undefined ? '' : this.#content(content, paragraph, where);
  }

  /** Whether the content of a content control is taken; one that shows its placeholder is refused. */
  control(control: XmlElement, where: string): boolean {
    const properties = childOf(control, 'w:sdtPr');
    if (childOf(properties, 'w:showingPlcHdr') !== undefined) {
      this.#findings.refuse('empty-control', where);
    }
    const gallery = valueOf(childOf(properties, 'w:docPartObj'), 'w:docPartGallery');
    if (gallery !== 'Table of Contents') return true;
    this.#findings.tell('contents');
    return false;
  }

  /** What is neither known to show nothing nor known to show something is refused. */
  #other(element: XmlElement, where: string): void {
    if (SILENT_ELEMENTS.has(element.name)) return;
    this.#refuseElement(element.name, where);
  }

  #refuseElement(name: string, where: string): void {
    const kind = REFUSED_ELEMENTS.get(name);
    if (kind === undefined) this.#findings.refuse('unknown', where, name);
    else this.#findings.refuse(kind, where);
  }

  #run(run: XmlElement, paragraph: XmlElement | undefined, where: string): string {
    const own = childOf(run, 'w:rPr');
    for (const found of refusedIn(own)) this.#refuseElement(found, where);
    const properties = this.#styles.runProperties(own, paragraph);
    const text = elementsOf(run)
      .map((child) => this.#piece(child, where))
      .join('');
    if (text === '') return '';
    this.#inspectLooks(properties, own, where, text);
    const raised = nearest(properties, 'w:vertAlign') ?? 'baseline';
    if (raised !== 'baseline' && text.trim() !== '') return this.#raised(raised, text, where);
    if (isNearestOn(properties, 'w:caps')) return text.toUpperCase();
    // Blanks to be written on.
    const underline = nearest(properties, 'w:u') ?? 'none';
    const isBlank = underline !== 'none' && /^[\s\u3000]+$/u.test(text) && text.length > 1;
    return isBlank ? text.replaceAll('　', '__').replace(/[^\S\n\f]/gu, '_') : text;
  }

  #inspectLooks(
    properties: readonly XmlElement[],
    own: XmlElement | undefined,
    where: string,
    text: string,
  ): void {
    if (text.trim() === '') return;
    const isHidden =
      isNearestOn(properties, 'w:vanish') ||
      isNearestOn(properties, 'w:webHidden') ||
      WHITE.test(nearest(properties, 'w:color') ?? '');
    if (isHidden && !this.isWithinContents) this.#findings.refuse('hidden-text', where, text);
    if (isNearestOn(properties, 'w:strike') || isNearestOn(properties, 'w:dstrike')) {
      this.#findings.refuse('struck-text', where, text);
    }
    if (isNearestOn(properties, 'w:rtl')) this.#findings.refuse('turned-text', where, text);
    if (LOOKS.some((name) => childOf(own, name) !== undefined)) this.#findings.tell('looks');
  }

  #raised(raised: string, text: string, where: string): string {
    const set = Array.from(text, (character) =>
      raised === 'superscript' ? RAISED[character] : undefined,
    );
    if (set.every((character) => character !== undefined)) return set.join('');
    this.#findings.refuse('raised-text', where, text);
    return text;
  }

  #piece(child: XmlElement, where: string): string {
    switch (child.name) {
      case 'w:t':
        return this.#shown(textOf(child));
      case 'w:tab':
      case 'w:ptab':
        return this.#shown(TAB);
      case 'w:noBreakHyphen':
        return this.#shown('-');
      case 'w:cr':
        return this.#shown(LINE_END);
      case 'w:br':
        return this.#shown(child.attributes.get('w:type') === 'page' ? PAGE_END : LINE_END);
      case 'w:pgNum':
        return this.#shown(PAGE_NUMBER);
      case 'w:instrText': {
        const field = this.#fields.at(-1);
        if (field !== undefined) field.instruction += textOf(child);
        return '';
      }
      case 'w:fldChar':
        return this.#fieldCharacter(child, where);
      default:
        this.#other(child, where);
        return '';
    }
  }

  #fieldCharacter(character: XmlElement, where: string): string {
    const field = this.#fields.at(-1);
    const type = character.attributes.get('w:fldCharType');
    if (type === 'begin') {
      this.#fields.push({ instruction: '', isResult: false });
      return '';
    }
    if (field === undefined) return '';
    if (type !== 'separate') return this.#endField(where) ?? '';
    field.isResult = true;
    return '';
  }

  /** @returns what stands for the field instead of what it showed last */
  #endField(where: string): string | undefined {
    const instruction = this.#fields.pop()?.instruction ?? '';
    const isOuter = !this.isWithinContents;
    switch (kindOf(instruction)) {
      case 'HYPERLINK':
        if (isOuter) this.#findings.tell('link');
        return undefined;
      case 'TOC':
        this.#findings.tell('contents');
        return undefined;
      case 'PAGE':
      case 'NUMPAGES':
      case 'SECTIONPAGES':
        return PAGE_NUMBER;
      default:
        if (isOuter) this.#findings.refuse('field', where, instruction.trim());
        return undefined;
    }
  }

  /** Text counts unless it is a field's instruction, an old page number, or a line of contents. */
  #shown(text: string): string {
    const isOff = this.#fields.some(
      ({ instruction, isResult }) =>
        !isResult || ['TOC', 'PAGE', 'NUMPAGES', 'SECTIONPAGES'].includes(kindOf(instruction)),
    );
    return isOff ? '' : text;
  }
}

/** What stands in an element itself. */
function textOf({ kids }: XmlElement): string {
  return kids.filter((kid) => typeof kid === 'string').join('');
}

function kindOf(instruction: string): string {
  return instruction.trim().split(/\s/, 1)[0]?.toUpperCase() ?? '';
}

/** Names of what is refused among the properties of a paragraph or run. */
function refusedIn(properties: XmlElement | undefined): readonly string[] {
  if (properties === undefined) return [];
  const marks = elementsOf(properties).flatMap((each) =>
    each.name === 'w:rPr' ? [each, ...elementsOf(each)] : [each],
  );
  return marks.map(({ name }) => name).filter((name) => REFUSED_ELEMENTS.has(name));
}
