package io.carrick.examples.ctl;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What stood on a command line, in the form of RabbitMQ's: options may stand anywhere. Immutable.
 *
 * @param verb what to do
 * @param words what stands behind it
 * @param options those with a value, by their long names
 * @param flags those without
 */
record CtlArguments(
    String verb, List<String> words, Map<String, String> options, Set<String> flags) {

  /** Options with a value, and their long names; some mean something to RabbitMQ only. */
  private static final Map<String, String> WITH_VALUE =
      Map.ofEntries(
          Map.entry("-n", "node"),
          Map.entry("--node", "node"),
          Map.entry("-p", "vhost"),
          Map.entry("--vhost", "vhost"),
          Map.entry("-t", "timeout"),
          Map.entry("--timeout", "timeout"),
          Map.entry("--formatter", "formatter"),
          Map.entry("--priority", "priority"),
          Map.entry("--apply-to", "apply-to"),
          Map.entry("--socket", "socket"));

  private static final Map<String, String> FLAGS =
      Map.ofEntries(
          Map.entry("-q", "quiet"),
          Map.entry("--quiet", "quiet"),
          Map.entry("-s", "silent"),
          Map.entry("--silent", "silent"),
          Map.entry("--no-table-headers", "silent"),
          Map.entry("-l", "longnames"),
          Map.entry("--longnames", "longnames"),
          Map.entry("--json", "json"),
          Map.entry("--help", "help"),
          Map.entry("-e", "if-empty"),
          Map.entry("--if-empty", "if-empty"),
          Map.entry("-u", "if-unused"),
          Map.entry("--if-unused", "if-unused"),
          Map.entry("--pre-hashed-password", "hashed"));

  /**
   * Reads a command line.
   *
   * @throws CtlFailure for an option without its value
   */
  static CtlArguments of(List<String> arguments) {
    var words = new ArrayList<String>();
    var options = new HashMap<String, String>();
    var flags = new HashSet<String>();
    for (int i = 0; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      int equals = argument.startsWith("--") ? argument.indexOf('=') : -1;
      String name = equals < 0 ? argument : argument.substring(0, equals);
      if (WITH_VALUE.containsKey(name)) {
        if (equals < 0 && ++i == arguments.size()) {
          throw CtlFailure.wrongUse(name + " needs a value");
        }
        String value = equals < 0 ? arguments.get(i) : argument.substring(equals + 1);
        options.put(WITH_VALUE.getOrDefault(name, name), value);
      } else if (FLAGS.containsKey(argument)) {
        flags.add(FLAGS.getOrDefault(argument, argument));
      } else if (argument.startsWith("--") && argument.length() > 2) {
        throw CtlFailure.wrongUse("unknown option " + argument);
      } else {
        words.add(argument);
      }
    }
    String verb = words.isEmpty() ? "" : words.remove(0);
    return new CtlArguments(verb, List.copyOf(words), Map.copyOf(options), Set.copyOf(flags));
  }

  String virtualHost() {
    return options.getOrDefault("vhost", "/");
  }

  Optional<String> option(String name) {
    return Optional.ofNullable(options.get(name));
  }

  boolean has(String flag) {
    return flags.contains(flag);
  }

  boolean json() {
    return has("json") || options.getOrDefault("formatter", "").equals("json");
  }

  /**
   * Returns a word.
   *
   * @param name what it stands for, if it is missing
   */
  String word(int at, String name) {
    if (at >= words.size()) {
      throw CtlFailure.wrongUse(verb + " needs " + name);
    }
    return words.get(at);
  }
}
