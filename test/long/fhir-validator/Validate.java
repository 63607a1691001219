import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.validation.FhirValidator;
import ca.uhn.fhir.validation.SingleValidationMessage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.hl7.fhir.common.hapi.validation.support.CommonCodeSystemsTerminologyService;
import org.hl7.fhir.common.hapi.validation.support.InMemoryTerminologyServerValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.PrePopulatedValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;
import org.hl7.fhir.r4.model.CodeSystem;

/** Validates FHIR R4 resources, one a line, without a network: `Validate RESOURCES [CODE_SYSTEM]`. A message a line, with tabs. */
public class Validate {
  public static void main(String[] args) throws Exception {
    FhirContext context = FhirContext.forR4();
    PrePopulatedValidationSupport ours = new PrePopulatedValidationSupport(context);
    if (args.length > 1) {
      ours.addCodeSystem(context.newJsonParser().parseResource(CodeSystem.class, Files.readString(Path.of(args[1]))));
    }
    FhirValidator validator = context.newValidator();
    validator.registerValidatorModule(new FhirInstanceValidator(new ValidationSupportChain(
        new DefaultProfileValidationSupport(context),
        ours,
        new InMemoryTerminologyServerValidationSupport(context),
        new CommonCodeSystemsTerminologyService(context))));
    List<String> lines = Files.readAllLines(Path.of(args[0]), StandardCharsets.UTF_8);
    int number = 0;
    for (String line : lines) {
      number++;
      for (SingleValidationMessage message : validator.validateWithResult(line).getMessages()) {
        System.out.println(String.join("\t", String.valueOf(number), message.getSeverity().getCode(),
            String.valueOf(message.getLocationString()), message.getMessage().replaceAll("\\s+", " ")));
      }
    }
    System.out.println("validated\t" + number);
  }
}
