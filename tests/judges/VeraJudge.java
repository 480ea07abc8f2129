import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;

/**
 * Validates many PDF files in one virtual machine.
 *
 * <p>Arguments: the profiles ("3a", "ua1"). Standard input: one path a line. Standard output:
 * one line "path TAB profile TAB rule TAB message" for each rule that fails, and a line
 * "path TAB profile TAB done TAB" when a profile has been gone through, so that a crash cannot
 * be taken for a pass.
 */
public class VeraJudge {
    private static final int KEPT_FAILURES = 100;

    public static void main(String[] profiles) throws Exception {
        Logger.getLogger("").setLevel(Level.OFF);
        VeraGreenfieldFoundryProvider.initialise();
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        BufferedReader in =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String path = in.readLine(); path != null; path = in.readLine()) {
            for (String profile : profiles) {
                judge(path, profile, out);
            }
        }
    }

    private static void judge(String path, String profile, PrintStream out) {
        PDFAFlavour flavour = PDFAFlavour.byFlavourId(profile);
        if (flavour == PDFAFlavour.NO_FLAVOUR) {
            throw new IllegalArgumentException("no profile named " + profile);
        }
        Map<String, String> failed = new LinkedHashMap<>();
        try (PDFAParser parser =
                        Foundries.defaultInstance().createParser(new File(path), flavour);
                PDFAValidator validator =
                        Foundries.defaultInstance()
                                .createValidator(flavour, KEPT_FAILURES, false, true, false)) {
            ValidationResult result = validator.validate(parser);
            for (TestAssertion assertion : result.getTestAssertions()) {
                if (assertion.getStatus() == TestAssertion.Status.FAILED) {
                    String rule =
                            assertion.getRuleId().getClause()
                                    + "-"
                                    + assertion.getRuleId().getTestNumber();
                    String said =
                            assertion.getErrorMessage() == null
                                    ? assertion.getMessage()
                                    : assertion.getErrorMessage();
                    failed.putIfAbsent(
                            rule, said + " at " + assertion.getLocation().getContext());
                }
            }
            if (!result.isCompliant() && failed.isEmpty()) {
                failed.put("not-compliant", "no rule is named");
            }
        } catch (Exception error) {
            failed.put("unreadable", String.valueOf(error));
        }
        failed.forEach((rule, said) -> line(out, path, profile, rule, said));
        line(out, path, profile, "done", "");
    }

    private static void line(PrintStream out, String... parts) {
        for (int i = 0; i < parts.length; i++) {
            parts[i] = parts[i].replaceAll("[\\t\\r\\n]+", " ");
        }
        out.println(String.join("\t", parts));
    }
}
