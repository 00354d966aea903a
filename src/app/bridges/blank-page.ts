/** The smallest file that our own writer can append to: one empty page. */
import { latin1ToBytes } from '../../kernel/index.js';

export function blankPage(widthPt: number, heightPt: number): Uint8Array {
  const bodies = [
    '<</Type/Catalog/Pages 2 0 R>>',
    '<</Type/Pages/Kids[3 0 R]/Count 1>>',
    `<</Type/Page/Parent 2 0 R/MediaBox[0 0 ${widthPt} ${heightPt}]/Resources<<>>>>`,
  ];
  let text = '%PDF-1.7\n';
  const offsets = bodies.map((body, index) => {
    const offset = text.length;
    text += `${index + 1} 0 obj\n${body}\nendobj\n`;
    return offset;
  });
  const startxref = text.length;
  const lines = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`);
  text += `xref\n0 4\n0000000000 65535 f \n${lines.join('')}trailer\n<</Root 1 0 R/Size 4>>\n`;
  return latin1ToBytes(`${text}startxref\n${startxref}\n%%EOF\n`);
}
