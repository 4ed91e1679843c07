package io.carrick.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.ModifiersTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreePathScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.lang.model.element.Modifier;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever a user can see of a published module has Javadoc. {@code carrick} has no source of its
 * own, and {@code CarrickJarTest} there holds that it shows the packages of these.
 */
class PublicDocsTest {

  private static final Pattern EXPORTS = Pattern.compile("(?m)^\\s*exports ([\\w.]+);");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "api",
        "storage-spi",
        "routing-engine",
        "storage-journal",
        "exchange-types",
        "transport",
        "mqtt-adapter",
        "amqp-adapter",
        "testing"
      })
  void everythingThatIsExportedIsDocumented(String module) throws IOException {
    var comments = new Comments();
    for (Path file : exportedSources(Documents.root().resolve(module))) {
      comments.read(Files.readString(file), file.getFileName().toString());
    }
    assertThat(comments.seen).isPositive();
    assertThat(comments.missing).isEmpty();
  }

  @Test
  void whatIsMissingIsFound() {
    var comments = new Comments();
    comments.read(
        """
        /** Documented. */
        public interface Some {
          void method();
          /** A point. */
          record Point(int x) {}
          enum Kind { /** Good. */ GOOD, BAD }
        }
        """,
        "Some.java");
    assertThat(comments.missing)
        .containsExactly(
            "Some.java: method", "Some.java: @param x", "Some.java: Kind", "Some.java: BAD");
  }

  private static List<Path> exportedSources(Path module) throws IOException {
    Path sources = module.resolve("src/main/java");
    var files = new ArrayList<Path>();
    List<String> packages =
        EXPORTS
            .matcher(Documents.text(sources.resolve("module-info.java")))
            .results()
            .map((MatchResult exported) -> exported.group(1))
            .toList();
    for (String exported : packages) {
      try (Stream<Path> folder = Files.list(sources.resolve(exported.replace('.', '/')))) {
        folder.filter(file -> file.toString().endsWith(".java")).sorted().forEach(files::add);
      }
    }
    return files;
  }

  /** Looks through sources for what has no comment. Confined to the test's thread. */
  private static final class Comments extends TreePathScanner<Void, Void> {

    final List<String> missing = new ArrayList<>();
    int seen;
    private String file = "";
    private @Nullable Trees trees;

    void read(String source, String name) {
      file = name;
      JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
      StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null);
      var task =
          (JavacTask)
              compiler.getTask(null, files, null, null, null, List.of(new Source(name, source)));
      trees = Trees.instance(task);
      try {
        for (CompilationUnitTree unit : task.parse()) {
          scan(new TreePath(unit), null);
        }
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }

    @Override
    public @Nullable Void visitClass(ClassTree type, Void nothing) {
      if (!visible(type.getModifiers())) {
        return null;
      }
      String comment = check(type.getSimpleName().toString());
      if (type.getKind() == Tree.Kind.RECORD) {
        type.getMembers().stream()
            .filter(VariableTree.class::isInstance)
            .map(VariableTree.class::cast)
            .filter(field -> !field.getModifiers().getFlags().contains(Modifier.STATIC))
            .filter(field -> !comment.contains("@param " + field.getName()))
            .forEach(field -> missing.add(file + ": @param " + field.getName()));
      }
      return super.visitClass(type, nothing);
    }

    @Override
    public @Nullable Void visitMethod(MethodTree method, Void nothing) {
      boolean overrides =
          method.getModifiers().getAnnotations().stream()
              .anyMatch(a -> a.getAnnotationType().toString().equals("Override"));
      if (visible(method.getModifiers()) && !overrides) {
        check(method.getName().toString());
      }
      return null;
    }

    @Override
    public @Nullable Void visitVariable(VariableTree field, Void nothing) {
      boolean component = enclosing().getKind() == Tree.Kind.RECORD;
      if (visible(field.getModifiers()) && (!component || isStatic(field))) {
        check(field.getName().toString());
      }
      return null;
    }

    private static boolean isStatic(VariableTree field) {
      return field.getModifiers().getFlags().contains(Modifier.STATIC);
    }

    private ClassTree enclosing() {
      return (ClassTree) getCurrentPath().getParentPath().getLeaf();
    }

    private boolean visible(ModifiersTree modifiers) {
      if (modifiers.getFlags().contains(Modifier.PRIVATE)) {
        return false;
      }
      return modifiers.getFlags().contains(Modifier.PUBLIC)
          || modifiers.getFlags().contains(Modifier.PROTECTED)
          || getCurrentPath().getParentPath().getLeaf().getKind() == Tree.Kind.INTERFACE;
    }

    private String check(String name) {
      seen++;
      String comment = trees == null ? null : trees.getDocComment(getCurrentPath());
      if (comment == null || comment.isBlank()) {
        missing.add(file + ": " + name);
        return "";
      }
      return comment;
    }
  }

  /** A source in memory. Immutable. */
  private static final class Source extends javax.tools.SimpleJavaFileObject {

    private final String text;

    Source(String name, String text) {
      super(java.net.URI.create("string:///" + name), Kind.SOURCE);
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }
}
