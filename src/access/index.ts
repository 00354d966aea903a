export { ROLES, actorOf, hasRole, regionKeys, scopeOf, scopeWithin, unitKey } from './roles.js';
export type { Principal, Role } from './roles.js';
export { idOfRequest, isRequestDone, madeBefore, withRequestDone } from './requests.js';
export type { RequestsDone } from './requests.js';
export {
  CREDIT_CODE_PATTERN,
  checkCharacter,
  creditCodeDoubts,
  creditCodeFault,
  isCreditCode,
} from './credit-code.js';
export type { CreditCodeDoubt, CreditCodeFault } from './credit-code.js';
export { hasIdentityCheck, identityNumberFault } from './identity-number.js';
export { regionCodeFault } from './region-code.js';
export type { RegionCodeFault } from './region-code.js';
export { UNITS } from './unit-record.js';
export type { EnrolledCertificate, UnitIndex, UnitKind, UnitRecord } from './unit-record.js';
export { ACCOUNTS } from './account-record.js';
export type { AccountIndex, AccountRecord } from './account-record.js';
export { generateAccessKeyPem, loadAccessKey } from './access-keys.js';
export type { AccessKey, PublicJwk } from './access-keys.js';
export { createAccessTokens } from './access-tokens.js';
export type {
  AccessClaims,
  AccessTokens,
  AccessTokensOptions,
  IssuedToken,
} from './access-tokens.js';
export { LOGIN_CHALLENGES, createLoginChallenges } from './login-challenge.js';
export type {
  LoginChallenge,
  LoginChallengeIndex,
  LoginChallengeRecord,
  LoginChallenges,
  LoginChallengesOptions,
} from './login-challenge.js';
export { LOGIN_THROTTLES, createLoginThrottle } from './login-throttle.js';
export type { LoginThrottle, LoginThrottleIndex, LoginThrottleRecord } from './login-throttle.js';
export { hashPassword, verifyPassword } from './password.js';
export type { LoginCertificateValidator } from './certificate-login.js';
export { createAccessService } from './access-service.js';
export type {
  AccessService,
  AccessServiceOptions,
  CertificateLogin,
  PasswordLogin,
  Session,
} from './access-service.js';
export { createAccountService } from './account-service.js';
export type {
  AccountChange,
  AccountService,
  AccountServiceOptions,
  NewAccount,
} from './account-service.js';
export { createUnitService } from './unit-service.js';
export type { NewUnit, UnitService, UnitServiceOptions } from './unit-service.js';
