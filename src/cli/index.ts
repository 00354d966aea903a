export { runCli } from './program.js';
export { EXIT } from './exit-codes.js';
export type { ExitStatus } from './exit-codes.js';
export type { OutputStreams } from './output.js';
export type { SecretSources } from './secret-entry.js';
export type {
  AppearanceRequest,
  CliRuntime,
  CompleteFileRequest,
  CompletedFile,
  DraftFile,
  ExtendFileRequest,
  ExtendedFile,
  FileAccess,
  LocateResult,
  LevelRequest,
  MakeSealFileRequest,
  PkiCommands,
  PrepareFileRequest,
  PreparedFile,
  QuickstartOptions,
  QuickstartResult,
  RunningService,
  SignFileRequest,
  SignableRequest,
  SignatureRequest,
  SignedBy,
  SignedFile,
} from './runtime.js';
