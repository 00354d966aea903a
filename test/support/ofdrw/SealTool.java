import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.Security;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Date;
import java.util.Iterator;
import org.bouncycastle.asn1.*;
import org.bouncycastle.asn1.gm.GMObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.ofdrw.gm.cert.PKCGenerate;
import org.ofdrw.gm.ses.parse.SESVersion;
import org.ofdrw.gm.ses.parse.SESVersionHolder;
import org.ofdrw.gm.ses.parse.VersionParser;
import org.ofdrw.gm.ses.v1.SES_ESPictrueInfo;
import org.ofdrw.gm.ses.v1.SES_Header;
import org.ofdrw.gm.ses.v4.*;

/** `read FILE`: what ofdrw sees in a seal, a line a value. `make DIR`: seals and signatures made by ofdrw. */
public class SealTool {
  private static final String CODE = "3701020000011";
  private static final String NAME = "测试单位合同专用章";

  public static void main(String[] args) throws Exception {
    Security.addProvider(new BouncyCastleProvider());
    if (args[0].equals("read")) read(Files.readAllBytes(Path.of(args[1])));
    else make(Path.of(args[1]));
  }

  private static void read(byte[] der) throws Exception {
    SESVersionHolder holder = VersionParser.parseSES_SealVersion(der);
    SESeal seal = holder.getInstanceV4Seal();
    SES_ESPropertyInfo property = seal.geteSealInfo().getProperty();
    StringBuilder certificates = new StringBuilder();
    if (property.getCertListType().intValueExact() == 1) {
      Iterator<ASN1OctetString> each = property.getCertList().getCerts().iterator();
      while (each.hasNext()) certificates.append(hex(sha256(each.next().getOctets()))).append(' ');
    } else {
      Iterator<CertDigestObj> each = property.getCertList().getCertDigestList().iterator();
      while (each.hasNext()) certificates.append(hex(each.next().getValue().getOctets())).append(' ');
    }
    SES_ESPictrueInfo picture = seal.geteSealInfo().getPicture();
    Signature verifier = Signature.getInstance("SM3withSM2", "BC");
    verifier.initVerify(certificate(seal.getCert().getOctets()));
    verifier.update(seal.geteSealInfo().getEncoded("DER"));
    print("version", holder.getVersion().getVersion());
    print("code", seal.geteSealInfo().getEsID().getString());
    print("name", property.getName().getString());
    print("type", property.getType().intValueExact());
    print("validStart", property.getValidStart().getDate().getTime());
    print("validEnd", property.getValidEnd().getDate().getTime());
    print("picture", picture.getType().getString() + " " + picture.getWidth() + " " + picture.getHeight());
    print("pictureSha256", hex(sha256(picture.getData().getOctets())));
    print("certificates", certificates.toString().trim());
    print("isValid", verifier.verify(seal.getSignedValue().getOctets()));
  }

  private static void make(Path directory) throws Exception {
    KeyPair rootKeys = PKCGenerate.GenerateKeyPair();
    KeyPair makerKeys = PKCGenerate.GenerateKeyPair();
    KeyPair signerKeys = PKCGenerate.GenerateKeyPair();
    X500Name rootName = new X500Name("C=CN,O=Test,CN=Root");
    X509Certificate root = issue(rootName, rootKeys, rootName, rootKeys);
    X509Certificate maker = issue(rootName, rootKeys, new X500Name("C=CN,O=Test,CN=Maker"), makerKeys);
    X509Certificate signer = issue(rootName, rootKeys, new X500Name("C=CN,O=Test,CN=Signer"), signerKeys);
    write(directory, "root.cer", root.getEncoded());
    write(directory, "signer.cer", signer.getEncoded());

    SES_CertList list = new SES_CertList(new CertInfoList().add(new DEROctetString(signer.getEncoded())));
    SESeal seal = seal4(list, SES_ESPropertyInfo.CertListType, maker, makerKeys);
    write(directory, "v4.esl", seal.getEncoded("DER"));
    byte[] digest = MessageDigest.getInstance("SM3", "BC").digest(signer.getEncoded());
    CertDigestObj entry = new CertDigestObj(new DERPrintableString("SM3"), new DEROctetString(digest));
    SES_CertList digests = new SES_CertList(new CertDigestList(new CertDigestObj[] {entry}));
    SESeal byDigest = seal4(digests, SES_ESPropertyInfo.CertDigestListType, maker, makerKeys);
    write(directory, "v4-digests.esl", byDigest.getEncoded("DER"));
    org.ofdrw.gm.ses.v1.SESeal seal1 = seal1(signer, maker, makerKeys);
    write(directory, "v1.esl", seal1.getEncoded("DER"));

    byte[] document = "document".getBytes(StandardCharsets.UTF_8);
    byte[] hash = MessageDigest.getInstance("SM3", "BC").digest(document);
    TBS_Sign toSign =
        new TBS_Sign()
            .setVersion(SES_Header.V4)
            .setEseal(seal)
            .setTimeInfo(new ASN1GeneralizedTime(new Date()))
            .setDataHash(hash)
            .setPropertyInfo("/Doc_0/Signs/Sign_0/Signature.xml");
    SES_Signature signature =
        new SES_Signature()
            .setToSign(toSign)
            .setCert(signer)
            .setSignatureAlgID(GMObjectIdentifiers.sm2sign_with_sm3)
            .setSignature(sign(signerKeys, toSign.getEncoded("DER")));
    write(directory, "v4.sig", signature.getEncoded("DER"));
    org.ofdrw.gm.ses.v1.TBS_Sign toSign1 =
        new org.ofdrw.gm.ses.v1.TBS_Sign()
            .setVersion(new ASN1Integer(1))
            .setEseal(seal1)
            .setTimeInfo(new DERBitString(new DERUTCTime(new Date()).getEncoded()))
            .setDataHash(new DERBitString(hash))
            .setPropertyInfo(new DERIA5String("/Doc_0/Signs/Sign_0/Signature.xml"))
            .setCert(new DEROctetString(signer.getEncoded()))
            .setSignatureAlgorithm(GMObjectIdentifiers.sm2sign_with_sm3);
    org.ofdrw.gm.ses.v1.SES_Signature signature1 =
        new org.ofdrw.gm.ses.v1.SES_Signature(
            toSign1, new DERBitString(sign(signerKeys, toSign1.getEncoded("DER"))));
    write(directory, "v1.sig", signature1.getEncoded("DER"));
  }

  private static SESeal seal4(SES_CertList list, ASN1Integer listType, X509Certificate maker, KeyPair keys)
      throws Exception {
    Date now = new Date();
    SES_ESPropertyInfo property =
        new SES_ESPropertyInfo()
            .setType(org.ofdrw.gm.ses.v1.SES_ESPropertyInfo.OrgType)
            .setName(new DERUTF8String(NAME))
            .setCertListType(listType)
            .setCertList(list)
            .setCreateDate(new ASN1GeneralizedTime(now))
            .setValidStart(new ASN1GeneralizedTime(now))
            .setValidEnd(new ASN1GeneralizedTime(new Date(now.getTime() + 86_400_000L * 300)));
    SES_SealInfo info =
        new SES_SealInfo()
            .setHeader(new SES_Header(SES_Header.V4, new DERIA5String("OFDRW")))
            .setEsID(CODE)
            .setProperty(property)
            .setPicture(picture());
    return new SESeal()
        .seteSealInfo(info)
        .setCert(maker)
        .setSignAlgID(GMObjectIdentifiers.sm2sign_with_sm3)
        .setSignedValue(sign(keys, info.getEncoded("DER")));
  }

  private static org.ofdrw.gm.ses.v1.SESeal seal1(X509Certificate signer, X509Certificate maker, KeyPair keys)
      throws Exception {
    Date now = new Date();
    org.ofdrw.gm.ses.v1.SES_ESPropertyInfo property =
        new org.ofdrw.gm.ses.v1.SES_ESPropertyInfo()
            .setType(1)
            .setName(NAME)
            .setCertList(new DERSequence(new DEROctetString(signer.getEncoded())))
            .setCreateDate(new ASN1UTCTime(now))
            .setValidStart(new ASN1UTCTime(now))
            .setValidEnd(new ASN1UTCTime(new Date(now.getTime() + 86_400_000L * 300)));
    org.ofdrw.gm.ses.v1.SES_SealInfo info =
        new org.ofdrw.gm.ses.v1.SES_SealInfo()
            .setHeader(new SES_Header(new ASN1Integer(1), new DERIA5String("OFDRW")))
            .setEsID(CODE)
            .setProperty(property)
            .setPicture(picture());
    ASN1EncodableVector signed = new ASN1EncodableVector();
    signed.add(info);
    signed.add(new DEROctetString(maker.getEncoded()));
    signed.add(GMObjectIdentifiers.sm2sign_with_sm3);
    org.ofdrw.gm.ses.v1.SES_SignInfo signInfo =
        new org.ofdrw.gm.ses.v1.SES_SignInfo()
            .setCert(new DEROctetString(maker.getEncoded()))
            .setSignatureAlgorithm(GMObjectIdentifiers.sm2sign_with_sm3)
            .setSignData(sign(keys, new DERSequence(signed).getEncoded("DER")));
    return new org.ofdrw.gm.ses.v1.SESeal(info, signInfo);
  }

  private static SES_ESPictrueInfo picture() {
    byte[] pixel = {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10};
    return new SES_ESPictrueInfo().setType("PNG").setData(pixel).setWidth(40).setHeight(40);
  }

  private static X509Certificate issue(X500Name issuer, KeyPair issuerKeys, X500Name subject, KeyPair keys)
      throws Exception {
    Date now = new Date();
    JcaX509v3CertificateBuilder builder =
        new JcaX509v3CertificateBuilder(
            issuer,
            BigInteger.valueOf(System.nanoTime()),
            new Date(now.getTime() - 3_600_000L),
            new Date(now.getTime() + 86_400_000L * 365),
            subject,
            keys.getPublic());
    return new JcaX509CertificateConverter()
        .setProvider("BC")
        .getCertificate(
            builder.build(
                new JcaContentSignerBuilder("SM3withSM2").setProvider("BC").build(issuerKeys.getPrivate())));
  }

  private static byte[] sign(KeyPair keys, byte[] message) throws Exception {
    Signature signer = Signature.getInstance("SM3withSM2", "BC");
    signer.initSign(keys.getPrivate());
    signer.update(message);
    return signer.sign();
  }

  private static X509Certificate certificate(byte[] der) throws Exception {
    CertificateFactory factory = CertificateFactory.getInstance("X.509", "BC");
    return (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(der));
  }

  private static byte[] sha256(byte[] bytes) throws Exception {
    return MessageDigest.getInstance("SHA-256").digest(bytes);
  }

  private static String hex(byte[] bytes) {
    return String.format("%0" + bytes.length * 2 + "x", new BigInteger(1, bytes));
  }

  private static void print(String name, Object value) {
    System.out.println(name + "=" + value);
  }

  private static void write(Path directory, String name, byte[] bytes) throws Exception {
    Files.write(directory.resolve(name), bytes);
  }
}
