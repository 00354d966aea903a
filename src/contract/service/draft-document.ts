/** The document of a draft: made from data by a template, or taken as it was uploaded. */
import { AppError, utf8ToBytes } from '../../kernel/index.js';
import type { BlobStore } from '../../store/index.js';
import type { ContractData } from '../contract-data.js';
import type { ContractDocument, DocumentFinding, PartyDuties, SealPlace } from '../record.js';
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

/** A finished document. */
export interface UploadedDocument {
  readonly pdf: Uint8Array;
  readonly fileName: string;
  readonly sealPlaces?: readonly SealPlace[];
}

export interface DraftDocumentsParts {
  readonly blobs: Pick<BlobStore, 'put'>;
  readonly renderer: ContractRenderer;
  /** Templates by `id@version` and, for the newest version, by `id`. */
  readonly templates: ReadonlyMap<string, ContractTemplate>;
  /** Checks that uploaded bytes are a PDF that can be signed and is admitted. @throws AppError `pdf-*` */
  readonly inspectPdf: (pdf: Uint8Array) => Promise<InspectedUpload>;
}

export class DraftDocuments {
  readonly #parts: DraftDocumentsParts;

  constructor(parts: DraftDocumentsParts) {
    this.#parts = parts;
  }

  /** @throws AppError `template-not-found`, params `template` */
  templateNamed(key: string): ContractTemplate {
    const template = this.#parts.templates.get(key);
    if (template !== undefined) return template;
    throw new AppError('template-not-found', `no template ${key}`, { params: { template: key } });
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

  /** @throws AppError `pdf-page-out-of-range`, params `pages`; and as `inspectPdf` */
  async keep(upload: UploadedDocument): Promise<ContractDocument> {
    const { pageCount, findings } = await this.#parts.inspectPdf(upload.pdf);
    const sealPlaces = upload.sealPlaces ?? [];
    if (sealPlaces.some((place) => place.pageIndex < 0 || place.pageIndex >= pageCount)) {
      throw new AppError('pdf-page-out-of-range', 'a place for a seal is on no page', {
        params: { pages: pageCount },
      });
    }
    return {
      blobId: await this.#parts.blobs.put([upload.pdf]),
      fileName: upload.fileName,
      sizeBytes: upload.pdf.length,
      pageCount,
      source: 'upload',
      ...(findings.length === 0 ? {} : { findings: findings.map(toDocumentFinding) }),
      sealPlaces,
    };
  }
}

function toDocumentFinding({
  kind,
  page,
  text,
  textEn,
}: InspectedUpload['findings'][number]): DocumentFinding {
  return { kind, ...(page === undefined ? {} : { page }), text, textEn };
}
