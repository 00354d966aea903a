/** Styles, as far as they decide what is seen and what is a heading. */
import { childOf, elementsOf, isOn, valueOf, type XmlElement } from './xml.js';

export class Styles {
  readonly #byId = new Map<string, XmlElement>();
  readonly #defaultParagraph: string | undefined;
  readonly #defaults: XmlElement | undefined;

  constructor(part: XmlElement | undefined) {
    const styles = part === undefined ? [] : elementsOf(part).filter(isStyle);
    for (const style of styles) this.#byId.set(style.attributes.get('w:styleId') ?? '', style);
    const isDefault = ({ attributes }: XmlElement): boolean =>
      attributes.get('w:type') === 'paragraph' &&
      ['1', 'true', 'on'].includes(attributes.get('w:default') ?? '');
    this.#defaultParagraph = styles.find(isDefault)?.attributes.get('w:styleId');
    this.#defaults = childOf(childOf(childOf(part, 'w:docDefaults'), 'w:rPrDefault'), 'w:rPr');
  }

  /** Lower case, as Word writes the names of its own styles: `heading 1`, `title`. */
  nameOf(paragraph: XmlElement | undefined): string {
    const [own] = this.#chain(this.#styleOf(paragraph));
    return (valueOf(own, 'w:name') ?? '').toLowerCase();
  }

  /** Properties of a paragraph: its own, then those of its style and of what that is based on. */
  paragraphProperties(paragraph: XmlElement | undefined): readonly XmlElement[] {
    const styles = this.#chain(this.#styleOf(paragraph)).flatMap(propertiesOf('w:pPr'));
    return paragraph === undefined ? styles : [paragraph, ...styles];
  }

  /** Properties of a run: its own, its style's, its paragraph's style's, the document's. */
  runProperties(
    run: XmlElement | undefined,
    paragraph: XmlElement | undefined,
  ): readonly XmlElement[] {
    return [
      ...(run === undefined ? [] : [run]),
      ...this.#chain(valueOf(run, 'w:rStyle')).flatMap(propertiesOf('w:rPr')),
      ...this.#chain(this.#styleOf(paragraph)).flatMap(propertiesOf('w:rPr')),
      ...(this.#defaults === undefined ? [] : [this.#defaults]),
    ];
  }

  #styleOf(paragraph: XmlElement | undefined): string | undefined {
    return valueOf(paragraph, 'w:pStyle') ?? this.#defaultParagraph;
  }

  /** The style and what it is based on, nearest first; a circle ends where it closes. */
  #chain(styleId: string | undefined): readonly XmlElement[] {
    const chain: XmlElement[] = [];
    let style = styleId === undefined ? undefined : this.#byId.get(styleId);
    while (style !== undefined && !chain.includes(style)) {
      chain.push(style);
      style = this.#byId.get(valueOf(style, 'w:basedOn') ?? '');
    }
    return chain;
  }
}

function isStyle({ name }: XmlElement): boolean {
  return name === 'w:style';
}

const propertiesOf =
  (name: string) =>
  (style: XmlElement): readonly XmlElement[] => {
    const found = childOf(style, name);
    return found === undefined ? [] : [found];
  };

/** The value of `name` that counts: the nearest that is given. */
export function nearest(properties: readonly XmlElement[], name: string): string | undefined {
  return properties.map((each) => valueOf(each, name)).find((value) => value !== undefined);
}

/** Whether the nearest `name` that is given is on. */
export function isNearestOn(properties: readonly XmlElement[], name: string): boolean {
  const found = properties.find((each) => childOf(each, name) !== undefined);
  return found !== undefined && isOn(found, name);
}
