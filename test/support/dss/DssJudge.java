import eu.europa.esig.dss.enumerations.Indication;
import eu.europa.esig.dss.enumerations.SubIndication;
import eu.europa.esig.dss.jaxb.object.Message;
import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.policy.ValidationPolicyFacade;
import eu.europa.esig.dss.policy.ValidationPolicy;
import eu.europa.esig.dss.simplereport.SimpleReport;
import eu.europa.esig.dss.spi.DSSUtils;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonCertificateSource;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.validation.SignedDocumentValidator;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Date;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/**
 * Validates files with EU DSS by what they hold and one trust anchor: no source of certificates or
 * revocation is configured, so nothing is fetched.
 *
 * <p>Arguments: the anchor, then certificates that paths may need (DER or PEM). A line on stdin: the
 * milliseconds of the time of validation, `revocation` or `no-revocation` and a path, tabs between.
 * For each, on stdout: a line `file`, a line for every
 * signature (`signature`, indication, sub-indication, level, errors, warnings; tabs between) or `error`
 * and what was thrown, then `end`.
 */
public final class DssJudge {
  private static final int LONGEST_SECONDS = 60;

  public static void main(String[] args) throws Exception {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    CommonTrustedCertificateSource anchors = new CommonTrustedCertificateSource();
    anchors.addCertificate(DSSUtils.loadCertificate(new File(args[0])));
    CommonCertificateSource others = new CommonCertificateSource();
    for (int i = 1; i < args.length; i++) {
      others.addCertificate(DSSUtils.loadCertificate(new File(args[i])));
    }
    ValidationPolicy shipped = policy(true);
    ValidationPolicy lenient = policy(false);
    ExecutorService worker =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread thread = new Thread(null, task, "judge", 64L << 20);
              thread.setDaemon(true);
              return thread;
            });
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] job = line.split("\t", 3);
      ValidationPolicy policy = job[1].equals("revocation") ? shipped : lenient;
      Date at = new Date(Long.parseLong(job[0]));
      CommonCertificateVerifier verifier = new CommonCertificateVerifier(true);
      verifier.setTrustedCertSources(anchors);
      verifier.setAdjunctCertSources(others);
      out.println("file");
      Future<String> verdict = worker.submit(() -> judge(job[2], at, verifier, policy));
      try {
        out.print(verdict.get(LONGEST_SECONDS, TimeUnit.SECONDS));
      } catch (ExecutionException error) {
        out.println("error\t" + error.getCause().getClass().getSimpleName());
      } catch (TimeoutException error) {
        out.println("error\tTimeout");
        out.println("end");
        break;
      }
      out.println("end");
    }
    System.exit(0);
  }

  private static String judge(
      String path, Date at, CommonCertificateVerifier verifier, ValidationPolicy policy) {
    SignedDocumentValidator validator =
        SignedDocumentValidator.fromDocument(new FileDocument(path));
    validator.setCertificateVerifier(verifier);
    validator.setValidationTime(at);
    validator.setEnableEtsiValidationReport(false);
    SimpleReport report = validator.validateDocument(policy).getSimpleReport();
    StringBuilder lines = new StringBuilder();
    for (String id : report.getSignatureIdList()) {
      Indication indication = report.getIndication(id);
      SubIndication sub = report.getSubIndication(id);
      lines.append(
          String.join(
              "\t",
              "signature",
              String.valueOf(indication),
              sub == null ? "" : sub.name(),
              String.valueOf(report.getSignatureFormat(id)),
              text(report.getAdESValidationErrors(id)),
              text(report.getAdESValidationWarnings(id))));
      lines.append('\n');
    }
    return lines.toString();
  }

  private static String text(List<Message> messages) {
    return messages.stream()
        .map(message -> message.getValue().replaceAll("\\s+", " "))
        .collect(Collectors.joining(" | "));
  }

  /** The policy that DSS comes with; without revocation for certificates that name no source of it. */
  private static ValidationPolicy policy(boolean withRevocation) throws Exception {
    try (InputStream shipped = DssJudge.class.getResourceAsStream("/policy/constraint.xml")) {
      String xml = new String(shipped.readAllBytes(), StandardCharsets.UTF_8);
      if (!withRevocation) {
        xml =
            xml.replaceAll(
                "<(RevocationDataAvailable|AcceptableRevocationDataFound) Level=\"[A-Z]+\"",
                "<$1 Level=\"IGNORE\"");
      }
      byte[] bytes = xml.getBytes(StandardCharsets.UTF_8);
      return ValidationPolicyFacade.newFacade().getValidationPolicy(new ByteArrayInputStream(bytes));
    }
  }
}
