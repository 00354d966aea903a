/** `qianyin serve`: the service, until it is told to stop. */
import type { Command } from 'commander';
import type { CliContext } from '../context.js';

export function addServeCommand(program: Command, context: CliContext): void {
  program
    .command('serve')
    .description('启动服务 (run the service)')
    .option('--config <file>', '配置文件 (configuration file)')
    .action(async (flags: { readonly config?: string }) => {
      const service = await context.runtime.serve(flags.config);
      context.output.progress(`服务已启动 (listening): ${service.url}`);
      await context.runtime.untilStopped();
      await service.stop();
    });
}
