import java.io.FileInputStream;
import java.io.InputStream;
import java.util.TreeSet;
import java.util.Set;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.ValidationResult;
import org.verapdf.pdfa.validation.profiles.RuleId;

/** Arguments: FLAVOUR FILE, repeated. A line for each: `FILE compliant`, or `FILE` and the clauses it fails. */
public final class Conformance {
  private Conformance() {}

  public static void main(String[] args) throws Exception {
    VeraGreenfieldFoundryProvider.initialise();
    for (int i = 0; i + 1 < args.length; i += 2) {
      System.out.println(args[i + 1] + " " + judge(PDFAFlavour.byFlavourId(args[i]), args[i + 1]));
    }
  }

  private static String judge(PDFAFlavour flavour, String file) throws Exception {
    try (InputStream bytes = new FileInputStream(file);
        PDFAParser parser = Foundries.defaultInstance().createParser(bytes, flavour);
        PDFAValidator validator = Foundries.defaultInstance().createValidator(flavour, false)) {
      ValidationResult result = validator.validate(parser);
      if (result.isCompliant()) return "compliant";
      Set<String> failed = new TreeSet<>();
      for (RuleId rule : result.getFailedChecks().keySet()) {
        failed.add(rule.getClause() + "-" + rule.getTestNumber());
      }
      return String.join(" ", failed);
    }
  }
}
