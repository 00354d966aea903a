/** States, events and roles as people read them, with the name that programs know behind. */

const STATES: Readonly<Record<string, string>> = {
  draft: '草稿',
  sent: '已送出，待确认',
  confirmed: '已确认，待签署',
  'supplier-signed': '供应商已签署',
  'buyer-signed': '采购人已签署',
  signed: '各方已签署',
  filing: '备案中',
  filed: '已备案',
  archived: '已归档',
  withdrawn: '已撤回',
  rejected: '已退回',
  voided: '已作废',
  expired: '逾期未签',
  frozen: '已冻结',
  changed: '已补充变更',
  terminated: '已终止',
};

const EVENTS: Readonly<Record<string, string>> = {
  created: '起草',
  updated: '修改',
  sent: '送出',
  confirmed: '确认',
  reminded: '提醒',
  'signing-started': '开始签署',
  'signing-refused': '签署未成',
  'signing-restarted': '签署重新开始',
  'party-signed': '一方签署',
  signed: '各方签署完毕',
  'level-missed': '时间戳等证据暂未取得',
  'level-raised': '补充长期验证证据',
  'agent-authorised': '授权代理机构签署',
  'filing-started': '开始备案',
  filed: '备案完成',
  announced: '公告',
  archived: '归档',
  rejected: '退回',
  withdrawn: '撤回',
  expired: '逾期',
  voided: '作废',
  'void-consented': '同意作废',
  terminated: '终止',
  'termination-consented': '同意终止',
  changed: '补充变更',
  frozen: '冻结',
  unfrozen: '解除冻结',
};

const ACCOUNT_ROLES: Readonly<Record<string, string>> = {
  'system-administrator': '系统管理员',
  'unit-handler': '经办人',
  'unit-signer': '采购人签章人',
  'unit-seal-approver': '用印审批人',
  'supplier-signer': '供应商签章人',
  'seal-administrator': '印章管理员',
  'seal-reviewer': '印章复核人',
  'budget-system': '预算管理一体化系统',
  'trading-system': '交易系统',
  supervisor: '监管部门',
  auditor: '审计员',
  system: '本服务',
};

export function stateText(state: string): string {
  return withCode(STATES[state], state);
}

/** On a line of its own, the event's full name. */
export function eventText(type: string): string {
  const text = EVENTS[type.replace(/^[a-z-]+\./, '')];
  return text === undefined ? type : `${text}\n${type}`;
}

export function accountRoleText(role: string): string {
  return withCode(ACCOUNT_ROLES[role], role);
}

function withCode(text: string | undefined, code: string): string {
  return text === undefined ? code : `${text} (${code})`;
}
