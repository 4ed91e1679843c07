package io.carrick.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Limit;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The table of limits is what the code says: name, default, unit and Javadoc. */
class LimitsTableTest {

  private static final Pattern CONSTANT =
      Pattern.compile("/\\*\\*(.*?)\\*/\\s*([A-Z0-9_]+)\\(", Pattern.DOTALL);

  @Test
  void theTableIsWhatTheCodeSays() {
    Map<String, String> comments = comments();
    List<String> expected =
        Stream.of(Limit.values())
            .map(
                limit ->
                    String.format(
                        Locale.ROOT,
                        "| `%s` | %s | %s | %s |",
                        limit,
                        byDefault(limit),
                        unit(limit.name()),
                        comments.get(limit.name())))
            .toList();
    Path document = Documents.root().resolve("docs/limits.md");
    assertThat(Documents.table(document, "## The table")).containsExactlyElementsOf(expected);
  }

  private static String byDefault(Limit limit) {
    if (limit.byDefault() == Long.MAX_VALUE) {
      return "none";
    }
    return switch (limit) {
      case MEMORY_BYTES -> "2/5 of the heap";
      case LAST_VALUE_BYTES -> "1/5 of the heap";
      default -> String.format(Locale.ROOT, "%,d", limit.byDefault());
    };
  }

  private static String unit(String name) {
    if (name.endsWith("_BYTES")) {
      return "bytes";
    }
    return name.endsWith("_MS") ? "ms" : "";
  }

  /** Reads the Javadoc of every constant, as Markdown. */
  private static Map<String, String> comments() {
    String source =
        Documents.text(Documents.root().resolve("api/src/main/java/io/carrick/Limit.java"));
    Matcher constant = CONSTANT.matcher(source.substring(source.indexOf("enum Limit")));
    var comments = new HashMap<String, String>();
    while (constant.find()) {
      String text =
          constant
              .group(1)
              .replaceAll("\\s*\\n\\s*\\*", " ")
              .replaceAll("\\{@code ([^}]*)}", "`$1`")
              .replaceAll("\\{@link #([^}]*)}", "`$1`")
              .replaceAll("\\s+", " ")
              .strip();
      comments.put(constant.group(2), text);
    }
    return comments;
  }
}
