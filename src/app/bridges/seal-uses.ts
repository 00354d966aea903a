/**
 * Ends the signatures under way with a seal that was stopped. The order of a revocation and a signature is decided
 * on the contract: a signature that is published before this comes to the contract was made before the revocation
 * and stays; one that comes later meets a changed record, asks after the seal and is refused.
 */
import { withSealStopped, type ContractIndex, type ContractRecord } from '../../contract/index.js';
import { isAppError, type Clock } from '../../kernel/index.js';
import { SCOPE_ALL, type Collection } from '../../store/index.js';

const PAGE = 100;

export async function endSealUses(
  contracts: Collection<ContractRecord, ContractIndex>,
  sealId: string,
  clock: Clock,
): Promise<void> {
  let cursor: string | undefined;
  do {
    const page = await contracts.find(
      {
        where: { attemptSealId: { eq: sealId } },
        limit: PAGE,
        ...(cursor === undefined ? {} : { cursor }),
      },
      SCOPE_ALL,
    );
    for (const { id } of page.items) await stopOne(contracts, id, sealId, clock);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
}

async function stopOne(
  contracts: Collection<ContractRecord, ContractIndex>,
  id: string,
  sealId: string,
  clock: Clock,
): Promise<void> {
  for (;;) {
    const contract = await contracts.get(id, SCOPE_ALL);
    if (contract?.attempt?.sealId !== sealId) return;
    try {
      await contracts.replace(withSealStopped(contract, clock.now()));
      return;
    } catch (error) {
      // The signer published, gave up or went on in this moment: the record says which.
      if (!isAppError(error, 'record-version-conflict')) throw error;
    }
  }
}
