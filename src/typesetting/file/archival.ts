/** What makes a new file PDF/A-2u: metadata that says so, and an output intent that gives colours their meaning. */
import { PDFName, PDFString, type PDFDocument } from 'pdf-lib';
import { flateStream } from './flate-stream.js';
import { srgbProfile } from './srgb-profile.js';

export interface ArchivalMetadata {
  readonly title: string;
  readonly creator: string;
  readonly producer: string;
  readonly language: string;
  /** Whole seconds, as the document information has it. */
  readonly at: Date;
}

/** @see ISO 19005-2:2011, 6.2.3 (output intents), 6.6 (metadata) */
export function makeArchival(document: PDFDocument, metadata: ArchivalMetadata): void {
  const { context, catalog } = document;
  const profile = context.register(flateStream(context, srgbProfile(), { N: 3 }));
  const name = PDFString.of('sRGB IEC61966-2.1');
  const intent = context.obj({
    Type: 'OutputIntent',
    S: 'GTS_PDFA1',
    OutputConditionIdentifier: name,
    Info: name,
    DestOutputProfile: profile,
  });
  catalog.set(PDFName.of('OutputIntents'), context.obj([context.register(intent)]));
  // Not compressed: programs that do not read PDF find metadata by looking for it.
  const packet = context.stream(new TextEncoder().encode(xmpPacket(metadata)), {
    Type: 'Metadata',
    Subtype: 'XML',
  });
  catalog.set(PDFName.of('Metadata'), context.register(packet));
}

function xmpPacket({ title, creator, producer, language, at }: ArchivalMetadata): string {
  const time = at.toISOString().replace(/\.\d{3}Z$/, 'Z');
  return [
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>',
    '<x:xmpmeta xmlns:x="adobe:ns:meta/">',
    ' <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">',
    '  <rdf:Description rdf:about=""',
    '    xmlns:dc="http://purl.org/dc/elements/1.1/"',
    '    xmlns:xmp="http://ns.adobe.com/xap/1.0/"',
    '    xmlns:pdf="http://ns.adobe.com/pdf/1.3/"',
    '    xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">',
    '   <pdfaid:part>2</pdfaid:part>',
    '   <pdfaid:conformance>U</pdfaid:conformance>',
    `   <dc:title><rdf:Alt><rdf:li xml:lang="x-default">${escapeXml(title)}</rdf:li></rdf:Alt></dc:title>`,
    `   <dc:language><rdf:Bag><rdf:li>${language}</rdf:li></rdf:Bag></dc:language>`,
    `   <xmp:CreatorTool>${escapeXml(creator)}</xmp:CreatorTool>`,
    `   <xmp:CreateDate>${time}</xmp:CreateDate>`,
    `   <xmp:ModifyDate>${time}</xmp:ModifyDate>`,
    `   <pdf:Producer>${escapeXml(producer)}</pdf:Producer>`,
    '  </rdf:Description>',
    ' </rdf:RDF>',
    '</x:xmpmeta>',
    '<?xpacket end="r"?>',
  ].join('\n');
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
