/** What a person reads of a fault of the audit log, with its position. */
import type { AuditFault } from '../../audit/index.js';

type Text = (position: number, until: number) => { readonly text: string; readonly textEn: string };

export const AUDIT_FAULT_TEXTS: Readonly<Record<AuditFault, Text>> = {
  edited: (n) => ({
    text: `第 ${n} 条记录的内容被改动：与其哈希不符`,
    textEn: `entry ${n} was edited: its hash does not match`,
  }),
  missing: (n) => ({
    text: `缺少第 ${n} 条记录：其后的记录还在`,
    textEn: `entry ${n} is missing while later ones are there`,
  }),
  inserted: (n) => ({
    text: `第 ${n} 条的位置上被插入了不属于日志的记录`,
    textEn: `a foreign entry was inserted at position ${n}`,
  }),
  reordered: (n) => ({
    text: `从第 ${n} 条起记录的次序被调换`,
    textEn: `entries were reordered from ${n} on`,
  }),
  'chain-broken': (n) => ({
    text: `第 ${n} 条与前一条不衔接：前一条可能连同其哈希一起被改写`,
    textEn: `entry ${n} does not follow the one before, which may have been rewritten with its hash`,
  }),
  'tree-altered': (n) => ({
    text: `第 ${n} 条所带的子树哈希被改动`,
    textEn: `the subtree hashes kept with entry ${n} were altered`,
  }),
  'checkpoint-contradicted': (n, until) => ({
    text: `第 ${n} 条至第 ${until} 条之间的记录被连同哈希一起改写：与已签名的检查点不符`,
    textEn: `something from entry ${n} to ${until} was rewritten with its hashes: a signed checkpoint contradicts it`,
  }),
  'tail-cut': (n) => ({
    text: `日志尾部被截去：自第 ${n} 条起的记录不见了，而已签名的检查点证明其存在过`,
    textEn: `the tail was cut: entries from ${n} on are gone, a signed checkpoint says they were there`,
  }),
  'index-altered': (n) => ({
    text: `第 ${n} 条的索引被改动：查询会漏掉或错列这条记录`,
    textEn: `the index of entry ${n} was altered: lists leave it out or misplace it`,
  }),
  'checkpoint-forged': (n) => ({
    text: `第 ${n} 个检查点的签名无效：内容被改动，或不是用公布的密钥签的`,
    textEn: `checkpoint ${n} is not validly signed: edited, or not by the published key`,
  }),
  'checkpoint-missing': (n) => ({
    text: `缺少第 ${n} 个检查点`,
    textEn: `checkpoint ${n} is missing`,
  }),
  'checkpoint-replaced': (n) => ({
    text: `第 ${n} 个检查点与另处保存的不同，或与前一个不衔接`,
    textEn: `checkpoint ${n} differs from the copy kept elsewhere, or does not follow the one before`,
  }),
  'rolled-back': (n) => ({
    text: `数据库比检查点旧：库外保存的第 ${n} 个检查点在库中没有，可能恢复了旧的数据库`,
    textEn: `the database is older than its checkpoints: number ${n}, kept outside, is not in it; an old copy may have been restored`,
  }),
  'statement-broken': (n) => ({
    text: `月报在第 ${n} 行断开：有一行被漏掉、添加、改动或调换`,
    textEn: `the statement breaks at line ${n}: a line was left out, added, altered or moved`,
  }),
  'statement-totals': () => ({
    text: '月报的合计与明细不符',
    textEn: 'the totals of the statement are not those of its lines',
  }),
  'proof-wrong': (n) => ({
    text: `证明不成立：第 ${n} 条（或检查点）不在该检查点所签的日志中`,
    textEn: `the proof does not hold: number ${n} is not in the log that the checkpoint signed`,
  }),
};
