/** The texts that a field says by its value. @see ISO 32000-2:2020, 12.7.5.3 and 12.7.5.4 */
import {
  PdfArray,
  PdfString,
  decodeText,
  type FormField,
  type PdfDocument,
} from '../../pdf/index.js';

/** The texts that a look of the field may show. */
export function wantedTexts(document: PdfDocument, field: FormField): readonly string[] {
  return field.type === 'Tx' ? textValues(document, field) : choiceTexts(document, field);
}

function textValues(document: PdfDocument, field: FormField): readonly string[] {
  const value = document.resolve(field.value);
  return value instanceof PdfString ? [decodeText(value)] : [''];
}

interface Choices {
  /** Display texts of what is chosen. */
  readonly chosen: readonly string[];
  /** Display texts of all there is to choose from. */
  readonly options: readonly string[];
}

/** A choice shows its display texts: the chosen one, or in a list all of them. */
function choiceTexts(document: PdfDocument, field: FormField): readonly string[] {
  const { chosen, options } = choicesOf(document, field);
  return [...chosen, chosen.join(''), options.join('')];
}

export function choicesOf(document: PdfDocument, field: FormField): Choices {
  const value = document.resolve(field.value);
  const chosen = (value instanceof PdfArray ? value.items : [value]).flatMap((item) => {
    const text = document.resolve(item);
    return text instanceof PdfString ? [decodeText(text)] : [];
  });
  const options = (document.resolveArray(field.dict.get('Opt'))?.items ?? []).map((item) => {
    const option = document.resolve(item);
    const pair = option instanceof PdfArray ? option.items : [option, option];
    const [key = '', shown = ''] = pair.map((each) => {
      const text = document.resolve(each);
      return text instanceof PdfString ? decodeText(text) : '';
    });
    return { key, shown };
  });
  return {
    chosen: chosen.map((each) => options.find(({ key }) => key === each)?.shown ?? each),
    options: options.map(({ shown }) => shown),
  };
}
