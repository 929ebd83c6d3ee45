package io.seine.cli;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The arrows between modules and packages, which all point one way: the command line stands on the
 * sandbox, that on the agent, that on the pipeline, the OVSDB client and the CNI protocol; and none
 * of these knows who uses it.
 */
class ArchitectureTest {

  private static JavaClasses seine;

  @BeforeAll
  static void importProductionClasses() {
    seine =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .withImportOption(location -> !location.contains("-tests.jar"))
            .importPackages("io.seine");
  }

  @Test
  void everyModuleIsSeenByThisTest() {
    assertThat(
            List.of(
                "io.seine.openflow",
                "io.seine.ovsdb",
                "io.seine.cni.plugin",
                "io.seine.cni.api.v1",
                "io.seine.agent",
                "io.seine.sandbox",
                "io.seine.cli"))
        .allMatch(seine::containPackage);
  }

  @Test
  void thePipelineKnowsNothingOfKubernetesNorOfTheAgent() {
    check(
        noClasses()
            .that()
            .resideInAnyPackage(
                "io.seine.openflow..", "io.seine.pipeline..", "io.seine.reconcile..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                "io.fabric8..",
                "io.grpc..",
                "io.seine.agent..",
                "io.seine.ovsdb..",
                "io.seine.cni..",
                "io.seine.sandbox..",
                "io.seine.cli.."));
  }

  @Test
  void theVocabularyOfTheSwitchStandsAlone() {
    check(dependsWithinSeineOnlyOn("io.seine.openflow", "io.seine.openflow"));
    check(
        dependsWithinSeineOnlyOn(
            "io.seine.openflow.wire..", "io.seine.openflow", "io.seine.openflow.wire.."));
    check(dependsWithinSeineOnlyOn("io.seine.openflow.connection..", "io.seine.openflow.."));
  }

  @Test
  void compilersAreBlindToConnectionsAndTheReconcilerSitsOnTop() {
    check(
        dependsWithinSeineOnlyOn(
            "io.seine.pipeline..", "io.seine.pipeline..", "io.seine.openflow"));
    check(
        dependsWithinSeineOnlyOn(
            "io.seine.reconcile..",
            "io.seine.reconcile..",
            "io.seine.pipeline..",
            "io.seine.openflow.."));
  }

  @Test
  void theOvsdbClientStandsAlone() {
    check(dependsWithinSeineOnlyOn("io.seine.ovsdb..", "io.seine.ovsdb.."));
  }

  @Test
  void theExecutableStandsAlone() {
    check(dependsWithinSeineOnlyOn("io.seine.cni.plugin..", "io.seine.cni.plugin.."));
  }

  @Test
  void theAgentKnowsNothingOfThoseWhoRunIt() {
    check(
        noClasses()
            .that()
            .resideInAPackage("io.seine.agent..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.seine.sandbox..", "io.seine.cli..", "io.seine.cni.plugin.."));
    check(
        noClasses()
            .that()
            .resideInAPackage("io.seine.sandbox..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.seine.cli.."));
  }

  @Test
  void theJudgementOfPoliciesSharesNothingWithWhatMakesFlowsOfThem() {
    check(
        dependsWithinSeineOnlyOn(
            "io.seine.agent.verdict..",
            "io.seine.agent.verdict..",
            "io.seine.agent.kube",
            "io.seine.openflow"));
  }

  @Test
  void kubernetesTypesStopAtTheInformers() {
    check(
        noClasses()
            .that(
                not(
                    resideInAnyPackage(
                        "io.seine.agent.kube..",
                        "io.seine.agent.events..",
                        "io.seine.sandbox..",
                        "io.seine.cli..")))
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.fabric8.."));
  }

  @Test
  void onlyTheCodecSpeaksOpenflowj() {
    check(
        noClasses()
            .that(
                not(
                    resideInAnyPackage(
                        "io.seine.openflow.wire..", "io.seine.openflow.connection..")))
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.projectfloodlight.."));
  }

  @Test
  void noPackageCycles() {
    // The entry of the command line names its commands, which use what stands beside it.
    check(
        slices()
            .matching("io.seine.(**)")
            .should()
            .beFreeOfCycles()
            .ignoreDependency(
                resideInAPackage("io.seine.cli"), resideInAPackage("io.seine.cli..")));
  }

  @Test
  void everyPackageIsNullMarked() {
    List<String> unmarked =
        seine.stream()
            .map(type -> type.getPackage())
            .distinct()
            .filter(javaPackage -> !javaPackage.getName().equals("io.seine.cni.api.v1"))
            .filter(javaPackage -> !isNullMarked(javaPackage))
            .map(JavaPackage::getName)
            .toList();

    assertThat(unmarked).as("packages without @NullMarked in package-info.java").isEmpty();
  }

  @Test
  void onlyProgramsForPeopleWriteToTheStandardStreams() {
    check(
        noClasses()
            .that(not(resideInAnyPackage("io.seine.cli..", "io.seine.sandbox..")))
            .should()
            .accessField(System.class, "out"));
    check(
        noClasses()
            .that(not(resideInAnyPackage("io.seine.cli..", "io.seine.sandbox..", "io.seine.agent")))
            .should()
            .accessField(System.class, "err"));
  }

  @Test
  void loggingIsSlf4j() {
    check(
        noClasses()
            .that(not(resideInAnyPackage("io.seine.agent", "io.seine.sandbox", "io.seine.cli..")))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.util.logging..", "ch.qos.logback..", "org.apache.log4j.."));
  }

  private static ArchRule dependsWithinSeineOnlyOn(String from, String... allowed) {
    return classes()
        .that()
        .resideInAPackage(from)
        .should()
        .onlyDependOnClassesThat(
            not(resideInAPackage("io.seine..")).or(resideInAnyPackage(allowed)));
  }

  private static void check(ArchRule rule) {
    rule.check(seine);
  }

  private static boolean isNullMarked(JavaPackage javaPackage) {
    return javaPackage
        .tryGetPackageInfo()
        .map(info -> info.isAnnotatedWith(NullMarked.class))
        .orElse(false);
  }
}
