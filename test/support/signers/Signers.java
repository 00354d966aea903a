import java.io.BufferedReader;
import java.io.File;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Calendar;
import java.util.HashMap;
import java.util.Map;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.cos.COSArray;
import org.apache.pdfbox.cos.COSDictionary;
import org.apache.pdfbox.cos.COSName;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.interactive.digitalsignature.PDSignature;
import org.apache.pdfbox.pdmodel.interactive.digitalsignature.SignatureOptions;
import org.apache.pdfbox.pdmodel.interactive.digitalsignature.visible.PDVisibleSigProperties;
import org.apache.pdfbox.pdmodel.interactive.digitalsignature.visible.PDVisibleSignDesigner;
import org.apache.pdfbox.pdmodel.interactive.form.PDField;
import org.bouncycastle.cert.jcajce.JcaCertStore;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.CMSSignedDataGenerator;
import org.bouncycastle.cms.jcajce.JcaSignerInfoGeneratorBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;

/**
 * Signs PDF files as products built on PDFBox and OpenPDF do. Arguments: a PKCS #12 file; its
 * password is in the environment. Each line of standard input is a job: what to do, the file to
 * read, the file to write, then options as name=value.
 */
public final class Signers {
  private final PrivateKey key;
  private final Certificate[] chain;

  private Signers(String store, char[] password) throws Exception {
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = new FileInputStream(store)) {
      keys.load(in, password);
    }
    String alias = keys.aliases().nextElement();
    key = (PrivateKey) keys.getKey(alias, password);
    chain = keys.getCertificateChain(alias);
  }

  public static void main(String[] arguments) throws Exception {
    Signers signers = new Signers(arguments[0], System.getenv("SIGNERS_PASSWORD").toCharArray());
    BufferedReader jobs = new BufferedReader(new InputStreamReader(System.in));
    for (String line = jobs.readLine(); line != null; line = jobs.readLine()) {
      String[] words = line.split("\t");
      Map<String, String> options = new HashMap<>();
      for (String word : Arrays.copyOfRange(words, 3, words.length)) {
        int equals = word.indexOf('=');
        options.put(word.substring(0, equals), word.substring(equals + 1));
      }
      signers.run(words[0], words[1], words[2], options);
    }
  }

  private void run(String what, String in, String out, Map<String, String> options)
      throws Exception {
    switch (what) {
      case "pdfbox" -> signWithPdfBox(in, out, options);
      case "fill" -> fillWithPdfBox(in, out, options.get("field"), options.get("value"));
      case "openpdf" -> signWithOpenPdf(in, out, options);
      default -> throw new IllegalArgumentException(what);
    }
  }

  private byte[] cms(InputStream content) throws IOException {
    try {
      CMSSignedDataGenerator generator = new CMSSignedDataGenerator();
      var digests = new JcaDigestCalculatorProviderBuilder().build();
      var signer = new JcaContentSignerBuilder("SHA256WithRSA").build(key);
      generator.addSignerInfoGenerator(
          new JcaSignerInfoGeneratorBuilder(digests).build(signer, (X509Certificate) chain[0]));
      generator.addCertificates(new JcaCertStore(Arrays.asList(chain)));
      return generator
          .generate(new CMSProcessableByteArray(content.readAllBytes()), false)
          .getEncoded();
    } catch (Exception failure) {
      throw new IOException(failure);
    }
  }

  private void signWithPdfBox(String in, String out, Map<String, String> options)
      throws Exception {
    try (PDDocument document = Loader.loadPDF(new File(in));
        OutputStream stream = new FileOutputStream(out);
        SignatureOptions appearance = new SignatureOptions()) {
      PDSignature signature = new PDSignature();
      signature.setFilter(PDSignature.FILTER_ADOBE_PPKLITE);
      signature.setSubFilter(PDSignature.SUBFILTER_ADBE_PKCS7_DETACHED);
      signature.setName("PDFBox");
      signature.setReason("test");
      signature.setSignDate(Calendar.getInstance());
      appearance.setPreferredSignatureSize(20000);
      if (options.containsKey("certify")) {
        certify(document, signature, Integer.parseInt(options.get("certify")));
      }
      if (options.containsKey("at")) {
        String[] corner = options.get("at").split(",");
        try (InputStream image = new FileInputStream(options.get("image"))) {
          PDVisibleSignDesigner designer = new PDVisibleSignDesigner(in, image, 1);
          designer
              .xAxis(Float.parseFloat(corner[0]))
              .yAxis(Float.parseFloat(corner[1]))
              .zoom(-80)
              .adjustForRotation();
          PDVisibleSigProperties properties = new PDVisibleSigProperties();
          properties.page(1).visualSignEnabled(true).setPdVisibleSignature(designer);
          properties.buildSignature();
          appearance.setVisualSignature(properties.getVisibleSignature());
        }
        appearance.setPage(0);
      }
      document.addSignature(signature, this::cms, appearance);
      document.saveIncremental(stream);
    }
  }

  /** As the examples of PDFBox certify, which products copy. */
  private static void certify(PDDocument document, PDSignature signature, int permission) {
    COSDictionary parameters = new COSDictionary();
    parameters.setItem(COSName.TYPE, COSName.getPDFName("TransformParams"));
    parameters.setInt(COSName.P, permission);
    parameters.setName(COSName.V, "1.2");
    parameters.setDirect(true);
    COSDictionary reference = new COSDictionary();
    reference.setItem(COSName.TYPE, COSName.getPDFName("SigRef"));
    reference.setItem("TransformMethod", COSName.DOCMDP);
    reference.setItem("DigestMethod", COSName.getPDFName("SHA1"));
    reference.setItem("TransformParams", parameters);
    reference.setDirect(true);
    COSArray references = new COSArray();
    references.add(reference);
    references.setDirect(true);
    signature.getCOSObject().setItem(COSName.getPDFName("Reference"), references);
    COSDictionary catalog = document.getDocumentCatalog().getCOSObject();
    COSDictionary permissions = new COSDictionary();
    permissions.setItem(COSName.DOCMDP, signature);
    permissions.setNeedToBeUpdated(true);
    catalog.setItem(COSName.PERMS, permissions);
    catalog.setNeedToBeUpdated(true);
  }

  private static void fillWithPdfBox(String in, String out, String name, String value)
      throws Exception {
    try (PDDocument document = Loader.loadPDF(new File(in));
        OutputStream stream = new FileOutputStream(out)) {
      PDField field = document.getDocumentCatalog().getAcroForm().getField(name);
      field.setValue(value);
      field.getCOSObject().setNeedToBeUpdated(true);
      field
          .getWidgets()
          .forEach(
              widget -> {
                widget.getCOSObject().setNeedToBeUpdated(true);
                var appearance = widget.getAppearance();
                appearance.getCOSObject().setNeedToBeUpdated(true);
                appearance
                    .getNormalAppearance()
                    .getAppearanceStream()
                    .getCOSObject()
                    .setNeedToBeUpdated(true);
              });
      document.saveIncremental(stream);
    }
  }

  private void signWithOpenPdf(String in, String out, Map<String, String> options)
      throws Exception {
    var reader = new com.lowagie.text.pdf.PdfReader(in);
    try (OutputStream stream = new FileOutputStream(out)) {
      var stamper =
          com.lowagie.text.pdf.PdfStamper.createSignature(reader, stream, '\0', null, true);
      var appearance = stamper.getSignatureAppearance();
      appearance.setReason("test");
      Calendar now = Calendar.getInstance();
      appearance.setSignDate(now);
      // For the text that it shows; what is signed with is below.
      appearance.setCrypto(null, chain, null, null);
      if (options.containsKey("certify")) {
        appearance.setCertificationLevel(Integer.parseInt(options.get("certify")));
      }
      if (options.containsKey("at")) {
        String[] corner = options.get("at").split(",");
        float x = Float.parseFloat(corner[0]);
        float y = Float.parseFloat(corner[1]);
        appearance.setVisibleSignature(
            new com.lowagie.text.Rectangle(x, y, x + 100, y + 50), 1, options.get("field"));
      }
      // Signed from outside: its own CMS is of 2005.
      var dictionary =
          new com.lowagie.text.pdf.PdfSignature(
              com.lowagie.text.pdf.PdfName.ADOBE_PPKLITE,
              new com.lowagie.text.pdf.PdfName("adbe.pkcs7.detached"));
      dictionary.setReason("test");
      dictionary.setDate(new com.lowagie.text.pdf.PdfDate(now));
      appearance.setCryptoDictionary(dictionary);
      int room = 20000;
      var exclusions = new HashMap<com.lowagie.text.pdf.PdfName, Integer>();
      exclusions.put(com.lowagie.text.pdf.PdfName.CONTENTS, 2 * room + 2);
      appearance.preClose(exclusions);
      byte[] value = cms(appearance.getRangeStream());
      var contents = new com.lowagie.text.pdf.PdfDictionary();
      contents.put(
          com.lowagie.text.pdf.PdfName.CONTENTS,
          new com.lowagie.text.pdf.PdfString(Arrays.copyOf(value, room)).setHexWriting(true));
      appearance.close(contents);
    }
  }
}
