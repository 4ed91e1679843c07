package io.carrick.engine.definitions;

import io.carrick.BrokerException;
import io.carrick.Policy;
import io.carrick.Policy.AppliesTo;
import io.carrick.Policy.Kind;
import java.util.HashMap;
import java.util.Map;

/** A policy as a table of names and values, which is how records have it. Stateless. */
final class StoredPolicy {

  private static final String HOST = "vhost";
  private static final String NAME = "name";
  private static final String OPERATOR = "operator";
  private static final String PATTERN = "pattern";
  private static final String APPLIES_TO = "apply-to";
  private static final String PRIORITY = "priority";
  private static final String DEFINITION = "definition";

  private StoredPolicy() {}

  static Map<String, Object> table(Policy policy) {
    return Map.of(
        HOST,
        policy.virtualHost(),
        NAME,
        policy.name(),
        OPERATOR,
        policy.kind() == Kind.OPERATOR,
        PATTERN,
        policy.pattern(),
        APPLIES_TO,
        policy.appliesTo().text(),
        PRIORITY,
        policy.priority(),
        DEFINITION,
        policy.definition());
  }

  static Policy policy(Map<String, Object> table) {
    try {
      var definition = new HashMap<String, Object>();
      if (table.get(DEFINITION) instanceof Map<?, ?> map) {
        map.forEach((key, value) -> definition.put(key.toString(), value));
      }
      return new Policy(
          text(table, HOST),
          text(table, NAME),
          Boolean.TRUE.equals(table.get(OPERATOR)) ? Kind.OPERATOR : Kind.USER,
          text(table, PATTERN),
          AppliesTo.of(text(table, APPLIES_TO)),
          table.get(PRIORITY) instanceof Number n ? n.intValue() : 0,
          definition);
    } catch (BrokerException e) {
      throw new RecordFormatException("not a policy: " + e.getMessage());
    }
  }

  private static String text(Map<String, Object> table, String name) {
    return table.get(name) instanceof String text ? text : "";
  }
}
