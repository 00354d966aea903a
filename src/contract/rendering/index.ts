/** The composer of documents, loaded with the first one: its libraries take longer than a signature. */
import type { RenderContractInput, RenderedContract } from './render-contract.js';

/** @throws AppError as `renderContract` of render-contract.ts */
export async function renderContract(input: RenderContractInput): Promise<RenderedContract> {
  const composer = await import('./render-contract.js');
  return composer.renderContract(input);
}

export { setWord } from './set-word.js';
