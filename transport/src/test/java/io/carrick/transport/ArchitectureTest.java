package io.carrick.transport;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.GeneralCodingRules;

@AnalyzeClasses(
    packages = "io.carrick.transport",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

  @ArchTest
  static final ArchRule onlyTheClockAsksTheSystemForTime =
      noClasses()
          .that()
          .haveNameNotMatching(".*LoopClock.*")
          .should()
          .callMethod(System.class, "nanoTime")
          .orShould()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callMethod(java.time.Instant.class, "now");

  @ArchTest
  static final ArchRule nobodySleepsOrUsesNettysTimers =
      noClasses()
          .should()
          .callMethodWhere(
              com.tngtech.archunit.core.domain.JavaCall.Predicates.target(
                  com.tngtech.archunit.core.domain.properties.HasName.Predicates.name("sleep")))
          .orShould()
          .dependOnClassesThat()
          .haveNameMatching("io.netty.handler.timeout..*|io.netty.util.HashedWheelTimer");

  @ArchTest
  static final ArchRule nothingIsGlobal =
      fields().that().areStatic().should().beFinal().because("two brokers in one JVM never meet");

  @ArchTest
  static final ArchRule theEngineIsUnknown =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.carrick.engine..", "io.carrick.mqtt..", "io.carrick.amqp..");

  @ArchTest
  static final ArchRule nobodyPrints = GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;
}
