package io.carrick;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleDescriptor.Requires;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/** The jar and the pom that users get, after they were made. */
class CarrickJarTest {

  private static final String NETTY = "io.carrick.internal.io.netty";
  private static final String NETTY_PATH = NETTY.replace('.', '/') + "/";
  private static final long MOST_BYTES = 6_000_000;

  private static final Path JAR = jar();

  /** The one jar of that name, whatever the version. */
  private static Path jar() {
    try (Stream<Path> files = Files.list(Path.of("target"))) {
      List<Path> jars =
          files.filter(file -> file.getFileName().toString().matches("carrick-.*\\.jar")).toList();
      assertThat(jars).hasSize(1);
      return jars.get(0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> entries() throws IOException {
    try (var jar = new JarFile(JAR.toFile())) {
      return jar.stream()
          .filter(entry -> !entry.isDirectory())
          .map(entry -> entry.getName())
          .toList();
    }
  }

  private static String text(String entry) throws IOException {
    try (var jar = new JarFile(JAR.toFile());
        InputStream in = jar.getInputStream(jar.getJarEntry(entry))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void itIsSmall() throws IOException {
    assertThat(Files.size(JAR)).isLessThanOrEqualTo(MOST_BYTES);
  }

  @Test
  void everyClassIsCarricksOrOfTheNettyInside() throws IOException {
    List<String> classes = entries().stream().filter(entry -> entry.endsWith(".class")).toList();
    assertThat(classes)
        .filteredOn(entry -> !entry.equals("module-info.class"))
        .allMatch(entry -> entry.startsWith("io/carrick/"));
    assertThat(classes).anyMatch(entry -> entry.startsWith(NETTY_PATH + "channel/epoll/"));
  }

  @Test
  void nothingElseInItMeetsAnotherNettyOnTheClassPath() throws IOException {
    assertThat(entries())
        .filteredOn(entry -> !entry.endsWith(".class"))
        .containsExactlyInAnyOrder(
            "META-INF/MANIFEST.MF",
            "META-INF/LICENSE",
            "META-INF/NOTICE",
            "META-INF/services/reactor.blockhound.integration.BlockHoundIntegration",
            "META-INF/native/libio_carrick_internal_netty_transport_native_epoll_x86_64.so",
            "META-INF/native/libio_carrick_internal_netty_transport_native_epoll_aarch_64.so");
    assertThat(text("META-INF/services/reactor.blockhound.integration.BlockHoundIntegration"))
        .containsPattern("(?m)^" + NETTY + "\\.");
  }

  @Test
  void theNoticeSaysWhichNettyIsInside() throws IOException {
    assertThat(text("META-INF/NOTICE")).containsPattern("Netty 4\\.2\\.\\d+\\.Final");
    assertThat(text("META-INF/LICENSE")).contains("Apache License");
  }

  // ---- the module

  private static ModuleDescriptor module() {
    return ModuleFinder.of(JAR).findAll().stream()
        .map(ModuleReference::descriptor)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void theModuleShowsWhatTheSeparateModulesShowAndNothingOfNetty() throws IOException {
    List<String> shown = module().exports().stream().map(exports -> exports.source()).toList();
    assertThat(module().name()).isEqualTo("io.carrick");
    assertThat(module().isAutomatic()).isFalse();
    assertThat(shown).containsExactlyInAnyOrderElementsOf(exportedByTheSeparateModules());
    assertThat(shown).noneMatch(name -> name.startsWith("io.carrick.internal"));
  }

  /** From their sources, so that a new package cannot be forgotten here. */
  private static List<String> exportedByTheSeparateModules() throws IOException {
    return directives("exports ").toList();
  }

  /** Returns the last words of such lines in the separate modules' descriptions. */
  private static Stream<String> directives(String start) throws IOException {
    List<Path> modules;
    try (Stream<Path> folders = Files.list(Path.of(".."))) {
      modules =
          folders
              .filter(folder -> !folder.endsWith("carrick") && !folder.endsWith("testing"))
              .map(folder -> folder.resolve("src/main/java/module-info.java"))
              .filter(Files::exists)
              .toList();
    }
    return modules.stream()
        .flatMap(CarrickJarTest::lines)
        .map(String::strip)
        .filter(line -> line.startsWith(start))
        .map(line -> line.substring(line.lastIndexOf(' ') + 1, line.length() - 1));
  }

  private static Stream<String> lines(Path file) {
    try {
      return Files.readAllLines(file).stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void theModuleRequiresWhatTheSeparateModulesAndNettyDoWithoutEachOther() throws IOException {
    Stream<String> ours =
        directives("requires ")
            .filter(name -> !name.equals("io.carrick") && !name.startsWith("io.carrick."))
            .filter(name -> !name.startsWith("io.netty."));
    Stream<String> nettys = Stream.of("java.base", "java.logging", "jdk.unsupported", "jdk.jfr");
    assertThat(module().requires())
        .extracting(Requires::name)
        .containsExactlyInAnyOrderElementsOf(Stream.concat(ours, nettys).distinct().toList());
  }

  // ---- the pom

  @Test
  void thePomBringsSlf4jAndJspecifyAlone() throws Exception {
    Document pom =
        DocumentBuilderFactory.newDefaultInstance()
            .newDocumentBuilder()
            .parse(Path.of("dependency-reduced-pom.xml").toFile());
    var dependencies = pom.getElementsByTagName("dependency");
    List<String> brought =
        Stream.iterate(0, i -> i < dependencies.getLength(), i -> i + 1)
            .map(i -> (Element) dependencies.item(i))
            .filter(dependency -> !text(dependency, "scope").equals("test"))
            .map(dependency -> text(dependency, "artifactId"))
            .toList();
    assertThat(brought).containsExactlyInAnyOrder("slf4j-api", "jspecify");
  }

  private static String text(Element element, String child) {
    var found = element.getElementsByTagName(child);
    return found.getLength() == 0 ? "" : found.item(0).getTextContent();
  }

  // ---- epoll

  @Test
  @EnabledOnOs(OS.LINUX)
  void theNativeLibraryLoadsUnderItsNewName() throws Exception {
    URL[] path = {JAR.toUri().toURL(), jarOf(org.slf4j.Logger.class)};
    try (var loader = new URLClassLoader(path, ClassLoader.getPlatformClassLoader())) {
      Class<?> epoll = Class.forName(NETTY + ".channel.epoll.Epoll", true, loader);
      assertThat(epoll.getMethod("unavailabilityCause").invoke(null)).isNull();
    }
  }

  private static URL jarOf(Class<?> type) {
    return type.getProtectionDomain().getCodeSource().getLocation();
  }
}
