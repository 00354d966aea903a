/** `qianyin seal render`: the picture of a seal, marked as a specimen: only the register makes real ones. */
import type { Command } from 'commander';
import { AppError } from '../../kernel/index.js';
import { parsePositive } from '../arguments.js';
import { addInspect, addMake, addVerify } from './seal-files.js';
import type { CliContext } from '../context.js';

interface RenderFlags {
  readonly name: string;
  readonly type: string;
  readonly code?: string;
  readonly output: string;
  readonly dpi: string;
}

const KINDS = ['svg', 'png', 'pdf'] as const;

export function addSealCommand(program: Command, context: CliContext): void {
  const seal = program.command('seal').description('电子印章 (seals)');
  addRender(seal, context);
  addClean(seal, context);
  addMake(seal, context);
  addInspect(seal, context);
  addVerify(seal, context);
}

function addRender(seal: Command, { runtime, output }: CliContext): void {
  seal
    .command('render')
    .description('绘制印章样章 (draw a specimen of a seal)')
    .requiredOption('--name <text>', '印章名称 (name on the arc)')
    .option('--type <type>', 'official、contract、finance、legal-person、other', 'official')
    .option('--code <digits>', '13 位印章编码 (code)')
    .option('--dpi <n>', 'PNG 分辨率 (resolution of a PNG)', '600')
    .requiredOption('-o, --output <file>', '输出文件：.svg、.png 或 .pdf (output)')
    .action(async (flags: RenderFlags) => {
      const kind = KINDS.find((each) => flags.output.toLowerCase().endsWith(`.${each}`));
      if (kind === undefined) {
        throw new AppError('usage', 'the output ends in .svg, .png or .pdf', {
          params: { option: '-o', allowed: KINDS },
        });
      }
      const drawing = await runtime.drawSeal({
        name: flags.name,
        kind: flags.type,
        code: flags.code,
        isSpecimen: true,
      });
      const bytes = await runtime.exportSeal(drawing, kind, parsePositive(flags.dpi, '--dpi'));
      runtime.files.write(flags.output, bytes);
      output.result(
        {
          file: flags.output,
          widthMm: drawing.widthMm,
          heightMm: drawing.heightMm,
          specimen: true,
        },
        `已绘制样章 (specimen drawn): ${flags.output}  ${drawing.widthMm} × ${drawing.heightMm} mm`,
      );
    });
}

interface CleanFlags {
  readonly size: string;
  readonly output: string;
}

function addClean(seal: Command, { runtime, output }: CliContext): void {
  seal
    .command('clean <scan>')
    .description('把实物印章扫描件变成透明底印模 (a scan of a seal becomes its picture)')
    .requiredOption('--size <mm>', '印章宽度，整数毫米 (true width, whole millimetres)')
    .requiredOption('-o, --output <file>', '输出 PNG，600 dpi (output)')
    .action(async (scan: string, flags: CleanFlags) => {
      const widthMm = parsePositive(flags.size, '--size');
      const { png, ...cleaned } = await runtime.cleanSpecimen(runtime.files.read(scan), widthMm);
      runtime.files.write(flags.output, png);
      output.result(
        { file: flags.output, ...cleaned },
        `已清理 (cleaned): ${flags.output}  ${cleaned.widthMm} × ${cleaned.heightMm} mm，扫描 (scanned at) ${cleaned.scannedDpi} dpi`,
      );
    });
}
