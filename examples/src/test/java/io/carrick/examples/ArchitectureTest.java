package io.carrick.examples;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_THROW_GENERIC_EXCEPTIONS;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitAccessTarget;
import com.tngtech.archunit.core.domain.AccessTarget.FieldAccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaConstructor;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The rules that the whole tree keeps: which way arrows point, who may look at a clock. */
class ArchitectureTest {

  private static final int MAX_LINES = 600;

  /** Of a constructor; records are values and have as many as they need. */
  private static final int MAX_PARAMETERS = 6;

  private static final String API = "io.carrick io.carrick.spi io.carrick.crossing";
  private static final JavaClasses PUBLISHED = ProjectTree.publishedClasses();
  private static final JavaClasses PROGRAMS = ProjectTree.programClasses();
  private static final JavaClasses TESTS = ProjectTree.testClasses();

  // ---- arrows

  @ParameterizedTest(name = "{0} uses nothing but {1}")
  @CsvSource({
    "io.carrick, " + API + " javax.crypto..",
    "io.carrick.crossing, io.carrick io.carrick.crossing",
    "io.carrick.spi, " + API + " javax.security.auth.x500",
    "io.carrick.storage.., " + API + " io.carrick.storage..",
    "io.carrick.engine.., "
        + API
        + " io.carrick.storage.. io.carrick.engine.. org.slf4j.. javax.crypto..",
    "io.carrick.journal.., " + API + " io.carrick.storage.. io.carrick.journal.. org.slf4j..",
    "io.carrick.exchange.., " + API + " io.carrick.exchange..",
    "io.carrick.transport.., "
        + API
        + " io.carrick.transport.. io.netty.. org.slf4j.. javax.net.ssl javax.crypto..",
    "io.carrick.mqtt.., "
        + API
        + " io.carrick.mqtt.. io.carrick.transport.. io.netty.. org.slf4j..",
    "io.carrick.amqp.., "
        + API
        + " io.carrick.amqp.. io.carrick.transport.. io.netty.. org.slf4j..",
    "io.carrick.testing.., "
        + API
        + " io.carrick.testing.. io.carrick.transport.. io.carrick.engine"
        + " org.junit.jupiter.api.. org.opentest4j..",
  })
  void arrowsPointDown(String module, String allowed) {
    String[] packages =
        Stream.concat(Stream.of("java..", "org.jspecify.."), Stream.of(allowed.split(" ")))
            .toArray(String[]::new);
    classes()
        .that()
        .resideInAPackage(module)
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(packages)
        .check(PUBLISHED);
  }

  @Test
  void whatTestingCallsNamesNoTypeOfNetty() {
    // So that its class files run with the jar that has Netty under another name, too.
    noClasses()
        .that()
        .resideInAPackage("io.carrick.testing..")
        .should()
        .accessTargetWhere(NAMES_NETTY)
        .check(PUBLISHED);
  }

  private static final DescribedPredicate<JavaAccess<?>> NAMES_NETTY =
      describe("names Netty", access -> isNettys(access.getTarget()));

  private static boolean isNettys(AccessTarget target) {
    return target instanceof CodeUnitAccessTarget method
        ? isNettys(method.getRawReturnType())
            || method.getRawParameterTypes().stream().anyMatch(type -> isNettys(type))
        : target instanceof FieldAccessTarget field && isNettys(field.getRawType());
  }

  private static boolean isNettys(JavaClass type) {
    return type.getPackageName().startsWith("io.netty");
  }

  @Test
  void noPackagesDependOnEachOtherInACircle() {
    slices().assignedFrom(new ByPackage()).should().beFreeOfCycles().check(PUBLISHED);
    slices().assignedFrom(new ByPackage()).should().beFreeOfCycles().check(PROGRAMS);
  }

  // ---- time

  private static final Set<String> ASKS_FOR_TIME =
      Set.of(
          "java.lang.System.nanoTime",
          "java.lang.System.currentTimeMillis",
          "java.time.Instant.now",
          "java.time.LocalDateTime.now",
          "java.time.ZonedDateTime.now",
          "java.time.OffsetDateTime.now",
          "java.time.Clock.systemUTC",
          "java.time.Clock.systemDefaultZone");

  private static final Set<String> SLEEPS =
      Set.of("java.lang.Thread.sleep", "java.util.concurrent.TimeUnit.sleep");

  /** The clocks themselves: Netty's loops, plain loops, and the programs that measure latency. */
  private static final Set<String> CLOCKS =
      Set.of(
          "io.carrick.transport.LoopClock",
          "io.carrick.engine.loop.ThreadLoop",
          "io.carrick.benchmarks.FreshStart",
          "io.carrick.benchmarks.SubscriptionMemory",
          "io.carrick.benchmarks.load.Now",
          "io.carrick.benchmarks.journal.Meter",
          "io.carrick.examples.Stopwatch");

  private static final DescribedPredicate<JavaClass> NO_CLOCK =
      describe(
          "are no clock",
          type -> CLOCKS.stream().noneMatch(clock -> isOrIsInside(type.getName(), clock)));

  private static boolean isOrIsInside(String name, String type) {
    return name.equals(type) || name.startsWith(type + "$");
  }

  private static DescribedPredicate<JavaAccess<?>> callsOneOf(Set<String> methods) {
    return describe(
        "calls " + methods,
        access ->
            methods.contains(
                access.getTargetOwner().getName() + "." + access.getTarget().getName()));
  }

  private static final DescribedPredicate<JavaAccess<?>> SCHEDULES_PAST_THE_CLOCK =
      describe(
          "schedules without the loop's clock",
          access ->
              access.getTarget().getName().startsWith("schedule")
                  && access.getTargetOwner().isAssignableTo(ScheduledExecutorService.class));

  @Test
  void timeIsReadFromTheLoopsClockAlone() {
    for (JavaClasses code : List.of(PUBLISHED, PROGRAMS)) {
      noClasses()
          .that(NO_CLOCK)
          .should()
          .accessTargetWhere(callsOneOf(ASKS_FOR_TIME))
          .because("a test moves every timer by moving the loop's clock")
          .check(code);
    }
  }

  @Test
  void timersGoThroughTheLoop() {
    for (JavaClasses code : List.of(PUBLISHED, PROGRAMS, TESTS)) {
      noClasses().should().accessTargetWhere(SCHEDULES_PAST_THE_CLOCK).check(code);
      noClasses()
          .should()
          .dependOnClassesThat()
          .haveFullyQualifiedName("java.util.Timer")
          .orShould()
          .dependOnClassesThat()
          .resideInAPackage("io.netty.handler.timeout..")
          .orShould()
          .dependOnClassesThat()
          .haveFullyQualifiedName("io.netty.util.HashedWheelTimer")
          .check(code);
    }
  }

  @Test
  void nobodySleepsNotEvenInTests() {
    for (JavaClasses code : List.of(PUBLISHED, PROGRAMS, TESTS)) {
      noClasses().should().accessTargetWhere(callsOneOf(SLEEPS)).check(code);
    }
  }

  // ---- manners of an embedded guest

  @Test
  void nothingIsPrinted() {
    NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS.check(PUBLISHED);
    NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING.check(PUBLISHED);
  }

  @Test
  void noGenericExceptionIsThrown() {
    NO_CLASSES_SHOULD_THROW_GENERIC_EXCEPTIONS.check(PUBLISHED);
    NO_CLASSES_SHOULD_THROW_GENERIC_EXCEPTIONS.check(PROGRAMS);
  }

  @Test
  void nothingStaticCanBeReplaced() {
    fields().that().areStatic().should().beFinal().check(PUBLISHED);
  }

  @Test
  void theJvmIsLeftAlone() {
    noClasses()
        .should()
        .accessTargetWhere(
            callsOneOf(
                Set.of(
                    "java.lang.Runtime.addShutdownHook",
                    "java.lang.System.exit",
                    "java.lang.System.setProperty",
                    "java.lang.System.getProperty",
                    "java.lang.System.getenv",
                    "java.lang.Thread.setDefaultUncaughtExceptionHandler")))
        .check(PUBLISHED);
  }

  // ---- shape

  @Test
  void noSourceFileIsLongerThanAPersonReads() {
    assertThat(ProjectTree.sources())
        .isNotEmpty()
        .allSatisfy(
            file ->
                assertThat(ProjectTree.lines(file).size())
                    .as(file.toString())
                    .isLessThanOrEqualTo(MAX_LINES));
  }

  @Test
  void atLeastHalfOfTheImplementationIsPackagePrivate() {
    List<JavaClass> types =
        PUBLISHED.stream()
            .filter(type -> type.isTopLevelClass() && !type.getSimpleName().endsWith("-info"))
            .filter(type -> !API.contains(type.getPackageName() + " "))
            .filter(type -> !API.endsWith(type.getPackageName()))
            .toList();
    long hidden =
        types.stream().filter(type -> !type.getModifiers().contains(JavaModifier.PUBLIC)).count();
    assertThat(hidden * 2)
        .as("%d of %d types are package-private", hidden, types.size())
        .isGreaterThanOrEqualTo(types.size());
  }

  @Test
  void aConstructorTakesFewThings() {
    List<String> crowded =
        PUBLISHED.stream()
            .filter(type -> !type.isRecord() && !type.isEnum() && !type.isAnonymousClass())
            .flatMap(type -> type.getConstructors().stream())
            .filter(constructor -> parameters(constructor) > MAX_PARAMETERS)
            .map(constructor -> constructor.getFullName())
            .toList();
    assertThat(crowded).isEmpty();
  }

  /** Without the instance around an inner one, which nobody writes down. */
  private static int parameters(JavaConstructor constructor) {
    JavaClass type = constructor.getOwner();
    boolean inner = type.isInnerClass() && !type.getModifiers().contains(JavaModifier.STATIC);
    return constructor.getRawParameterTypes().size() - (inner ? 1 : 0);
  }

  @Test
  void everyPackageIsNullMarked() {
    assertThat(ProjectTree.packages())
        .isNotEmpty()
        .allSatisfy(
            folder -> {
              Path info = folder.resolve("package-info.java");
              assertThat(info).exists();
              assertThat(Files.readString(info)).contains("@NullMarked");
            });
  }

  @Test
  void typesAreNamedAfterTheDomain() {
    for (String suffix : List.of("Impl", "Manager", "Utils", "Util", "Helper")) {
      noClasses().should().haveSimpleNameEndingWith(suffix).check(PUBLISHED);
    }
  }

  /** Each package is a slice. */
  private static final class ByPackage implements SliceAssignment {

    @Override
    public SliceIdentifier getIdentifierOf(JavaClass type) {
      return type.getPackageName().startsWith("io.carrick")
          ? SliceIdentifier.of(type.getPackageName())
          : SliceIdentifier.ignore();
    }

    @Override
    public String getDescription() {
      return "packages";
    }
  }
}
