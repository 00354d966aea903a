/** The composer of documents, loaded with the first one: its libraries take longer than a signature. */
import type { SetWordDocument } from '../service/draft-document.js';
import type { SetWordInput } from './set-word.js';
import type { RenderContractInput, RenderedContract } from './render-contract.js';

/** @throws AppError as `renderContract` of render-contract.ts */
export async function renderContract(input: RenderContractInput): Promise<RenderedContract> {
  const composer = await import('./render-contract.js');
  return composer.renderContract(input);
}

/** @throws AppError as `setWord` of set-word.ts */
export async function setWord(input: SetWordInput): Promise<SetWordDocument> {
  const composer = await import('./set-word.js');
  return composer.setWord(input);
}
