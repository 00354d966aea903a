/** `qianyin pki …`: a development PKI: authorities, certificates, revocation, and servers for them on loopback. */
import type { Command } from 'commander';
import { AppError } from '../../kernel/index.js';
import { oneOf, parsePort, parsePositive } from '../arguments.js';
import type { CliContext } from '../context.js';
import { obtainSecret } from '../secret-entry.js';

const KEYS = ['rsa-2048', 'rsa-3072', 'ec-p256', 'ec-p384', 'sm2'] as const;
const PROFILES = ['signing', 'encryption', 'seal-maker'] as const;

interface IssueFlags {
  readonly pki: string;
  readonly subject?: string;
  readonly p12?: string;
  readonly csr?: string;
  readonly output?: string;
  readonly key: string;
  readonly profile: string;
  readonly days: string;
  readonly pinFile?: string;
}

function addInit(pki: Command, { runtime, output }: CliContext): void {
  pki
    .command('init')
    .description('生成开发用证书体系 (make the authorities)')
    .requiredOption('--out <dir>', '输出目录 (folder)')
    .option('--base-url <url>', '吊销查询等服务的网址 (address in the certificates)')
    .action(async (flags: { readonly out: string; readonly baseUrl?: string }) => {
      const { files } = await runtime.pki.init(flags.out, flags.baseUrl);
      output.result(
        { directory: flags.out, files },
        [`已生成 (made): ${flags.out}`, ...files].join('\n'),
      );
    });
}

function addIssue(pki: Command, { runtime, output }: CliContext): void {
  pki
    .command('issue')
    .description('签发签名证书 (issue a signing certificate)')
    .requiredOption('--pki <dir>', '证书体系目录 (folder of the PKI)')
    .option('--subject <dn>', '证书主体，如 CN=张三,O=示例市财政局,C=CN (subject)')
    .option('--p12 <file>', '生成密钥并写入 PKCS#12 (make a key, write PKCS#12)')
    .option('--csr <file>', '按证书请求签发 (for a certification request)')
    .option('-o, --output <file>', '证书文件，与 --csr 同用 (certificate, with --csr)')
    .option('--key <kind>', `密钥类型 (kind of key): ${KEYS.join(', ')}`, 'rsa-2048')
    .option('--profile <profile>', `证书用途 (purpose): ${PROFILES.join(', ')}`, 'signing')
    .option('--days <n>', '有效天数 (days of validity)', '730')
    .option(
      '--pin-file <file>',
      '口令所在文件；或用环境变量 QIANYIN_PIN (file that holds the password)',
    )
    .action(async (flags: IssueFlags) => {
      const days = parsePositive(flags.days, '--days');
      if (flags.csr !== undefined) {
        const out = flags.output ?? `${flags.csr}.crt`;
        const issued = await runtime.pki.issueCsr(flags.pki, flags.csr, out, { days });
        output.result(issued, `已签发 (issued): ${issued.certificate}  序列号 ${issued.serial}`);
        return;
      }
      if (flags.subject === undefined || flags.p12 === undefined) {
        throw new AppError('usage', 'give --subject and --p12, or --csr', {
          params: { option: '--subject --p12 | --csr' },
        });
      }
      const key = oneOf(flags.key, KEYS, '--key');
      const profile = oneOf(flags.profile, PROFILES, '--profile');
      using password = await obtainSecret(runtime.secrets, flags.pinFile, '口令 (password): ');
      const issued = await runtime.pki.issueP12(flags.pki, flags.subject, flags.p12, password, {
        key,
        profile,
        days,
      });
      output.result(issued, `已签发 (issued): ${issued.p12}  序列号 ${issued.serial}`);
    });
}

function addRevoke(pki: Command, { runtime, output }: CliContext): void {
  pki
    .command('revoke')
    .description('吊销证书 (revoke a certificate)')
    .requiredOption('--pki <dir>', '证书体系目录 (folder of the PKI)')
    .requiredOption('--serial <hex>', '证书序列号 (serial number)')
    .option('--reason <reason>', 'RFC 5280 原因，如 keyCompromise (reason)')
    .action(
      async (flags: {
        readonly pki: string;
        readonly serial: string;
        readonly reason?: string;
      }) => {
        const revoked = await runtime.pki.revoke(flags.pki, flags.serial, flags.reason);
        output.result(revoked, `已吊销 (revoked): ${revoked.serial}  ${revoked.revokedAt}`);
      },
    );
}

function addServe(pki: Command, { runtime, output }: CliContext): void {
  pki
    .command('serve')
    .description('在本机提供 TSA、OCSP、CRL 服务 (serve on loopback)')
    .requiredOption('--pki <dir>', '证书体系目录 (folder of the PKI)')
    .requiredOption('--port <n>', '端口 (port)')
    .action(async (flags: { readonly pki: string; readonly port: string }) => {
      const server = await runtime.pki.serve(flags.pki, parsePort(flags.port, '--port'));
      output.progress(
        `服务已启动 (listening): ${server.url}/tsa ${server.url}/ocsp ${server.url}/crl/`,
      );
      await runtime.untilStopped();
      await server.stop();
    });
}

export function addPkiCommand(program: Command, context: CliContext): void {
  const pki = program.command('pki').description('开发用证书体系 (development PKI)');
  addInit(pki, context);
  addIssue(pki, context);
  addRevoke(pki, context);
  addServe(pki, context);
}
