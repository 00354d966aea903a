/** The document of a draft: made from data by a template, or taken as it was uploaded. */
import { AppError, utf8ToBytes } from '../../kernel/index.js';
import type { BlobStore } from '../../store/index.js';
import type { ContractData } from '../contract-data.js';
import type {
  ContractDocument,
  ContractRecord,
  DocumentFinding,
  PartyDuties,
  SealPlace,
} from '../record.js';
import type { FoundTemplate, OwnTemplateService } from '../templates/own-template-service.js';
import type { RenderedContract } from '../rendering/render-contract.js';
import type { ContractTemplate } from '../template.js';

export type ContractRenderer = (input: {
  readonly data: ContractData;
  readonly template: ContractTemplate;
  readonly duties?: PartyDuties;
  readonly at: Date;
}) => Promise<RenderedContract>;

/** What a look at an uploaded document says. */
export interface InspectedUpload {
  readonly pageCount: number;
  /** What it holds besides its pages, in the words a person reads. */
  readonly findings: readonly (Omit<DocumentFinding, 'page'> & {
    readonly page: number | undefined;
  })[];
}

/** A finished document: a PDF, or a Word document that becomes one. */
export interface UploadedDocument {
  readonly bytes: Uint8Array;
  readonly fileName: string;
  readonly sealPlaces?: readonly SealPlace[];
}

/** A Word document set as a PDF, and what looks otherwise in it. */
export interface SetWordDocument {
  readonly pdf: Uint8Array;
  readonly pageCount: number;
  readonly notices: readonly Omit<DocumentFinding, 'page'>[];
}

/** @throws AppError `word-unreadable`, `word-not-admitted`, `glyph-missing` */
export type WordSetter = (
  bytes: Uint8Array,
  terms: { readonly title: string; readonly at: Date },
) => Promise<SetWordDocument>;

export interface DraftDocumentsParts {
  readonly blobs: Pick<BlobStore, 'put'>;
  readonly renderer: ContractRenderer;
  /** Templates by `id@version` and, for the newest version, by `id`. */
  readonly templates: ReadonlyMap<string, ContractTemplate>;
  /** Templates of units and regions; none where absent. */
  readonly ownTemplates?: Pick<OwnTemplateService, 'find' | 'byRecord'>;
  /** Checks that uploaded bytes are a PDF that can be signed and is admitted. @throws AppError `pdf-*` */
  readonly inspectPdf: (pdf: Uint8Array) => Promise<InspectedUpload>;
  readonly setWord: WordSetter;
}

export class DraftDocuments {
  readonly #parts: DraftDocumentsParts;

  constructor(parts: DraftDocumentsParts) {
    this.#parts = parts;
  }

  /** @throws AppError `template-not-found`, params `template` */
  async templateNamed(
    key: string,
    buyer: { readonly unitId: string; readonly regionCode: string },
  ): Promise<FoundTemplate> {
    const template = this.#parts.templates.get(key);
    const found =
      template === undefined ? await this.#parts.ownTemplates?.find(buyer, key) : { template };
    if (found !== undefined) return found;
    throw new AppError('template-not-found', `no template ${key}`, { params: { template: key } });
  }

  /** The template that a contract was made with, in exactly its version. @throws AppError `template-not-found` */
  async templateOf(contract: ContractRecord): Promise<ContractTemplate> {
    const { ownTemplateId, templateId = '' } = contract;
    const template =
      ownTemplateId === undefined
        ? this.#parts.templates.get(templateId)
        : await this.#parts.ownTemplates?.byRecord(ownTemplateId);
    if (template !== undefined) return template;
    throw new AppError('template-not-found', `no template ${templateId}`, {
      params: { template: templateId },
    });
  }

  async render(
    data: ContractData,
    template: ContractTemplate,
    duties: PartyDuties,
    at: Date,
  ): Promise<ContractDocument> {
    const rendered = await this.#parts.renderer({ data, template, duties, at });
    return {
      blobId: await this.#parts.blobs.put([rendered.pdf]),
      fileName: `${data.id.replace(/[^\p{L}\p{N}._-]/gu, '_')}.pdf`,
      sizeBytes: rendered.pdf.length,
      pageCount: rendered.pageCount,
      source: 'template',
      sealPlaces: rendered.sealPlaces,
    };
  }

  /** The data of a version, kept by digest. @returns its blob */
  keepData(data: ContractData): Promise<string> {
    return this.#parts.blobs.put([utf8ToBytes(JSON.stringify(data))]);
  }

  /** @throws AppError `pdf-page-out-of-range`, params `pages`; and as `inspectPdf` or the setter of Word documents */
  async take(upload: UploadedDocument, data: ContractData, at: Date): Promise<ContractDocument> {
    if (!looksLikeWord(upload.bytes)) return this.keep(upload);
    const { blobs, setWord } = this.#parts;
    const { bytes, fileName, sealPlaces = [] } = upload;
    const { pdf, pageCount, notices } = await setWord(bytes, { title: data.title, at });
    assertOnPages(sealPlaces, pageCount);
    const original = { blobId: await blobs.put([bytes]), fileName, sizeBytes: bytes.length };
    return {
      blobId: await blobs.put([pdf]),
      fileName: `${fileName.replace(/\.docx?$/i, '')}.pdf`,
      sizeBytes: pdf.length,
      pageCount,
      source: 'word',
      original,
      ...(notices.length === 0 ? {} : { findings: notices }),
      sealPlaces,
    };
  }

  /** @throws AppError `pdf-page-out-of-range`, params `pages`; and as `inspectPdf` */
  async keep({ bytes, fileName, sealPlaces = [] }: UploadedDocument): Promise<ContractDocument> {
    const { pageCount, findings } = await this.#parts.inspectPdf(bytes);
    assertOnPages(sealPlaces, pageCount);
    return {
      blobId: await this.#parts.blobs.put([bytes]),
      fileName,
      sizeBytes: bytes.length,
      pageCount,
      source: 'upload',
      ...(findings.length === 0 ? {} : { findings: findings.map(toDocumentFinding) }),
      sealPlaces,
    };
  }
}

function assertOnPages(places: readonly SealPlace[], pageCount: number): void {
  if (places.every(({ pageIndex }) => pageIndex >= 0 && pageIndex < pageCount)) return;
  throw new AppError('pdf-page-out-of-range', 'a place for a seal is on no page', {
    params: { pages: pageCount },
  });
}

/** A zip, as .docx is, or the OLE file of an old or encrypted one, which is refused by name. */
function looksLikeWord(bytes: Uint8Array): boolean {
  const [first, second] = bytes;
  return (first === 0x50 && second === 0x4b) || (first === 0xd0 && second === 0xcf);
}

function toDocumentFinding({
  kind,
  page,
  text,
  textEn,
}: InspectedUpload['findings'][number]): DocumentFinding {
  return { kind, ...(page === undefined ? {} : { page }), text, textEn };
}
