package io.carrick.examples.ctl;

import io.carrick.Alarm;
import io.carrick.Broker;
import io.carrick.BrokerException;
import io.carrick.Policy.Kind;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** What can be asked for, by the names that RabbitMQ has for it. Thread-safe. */
final class CtlVerbs {

  private final ServedBroker served;
  private final Map<String, Function<CtlArguments, String>> verbs = new TreeMap<>();

  CtlVerbs(ServedBroker served) {
    this.served = served;
    list("list_connections", ListVerbs::connections);
    list("list_channels", ListVerbs::channels);
    list("list_queues", ListVerbs::queues);
    list("list_exchanges", ListVerbs::exchanges);
    list("list_bindings", ListVerbs::bindings);
    list("list_consumers", ListVerbs::consumers);
    list("list_vhosts", ListVerbs::virtualHosts);
    list("list_policies", v -> v.policies(Kind.USER));
    list("list_operator_policies", v -> v.policies(Kind.OPERATOR));
    list("list_users", ListVerbs::users);
    list("list_permissions", v -> v.permissions(false));
    list("list_user_permissions", v -> v.permissions(true));
    list("list_topic_permissions", v -> v.topicPermissions(false));
    list("list_user_topic_permissions", v -> v.topicPermissions(true));
    change("add_user", ChangeVerbs::addUser);
    change("delete_user", ChangeVerbs::deleteUser);
    change("change_password", ChangeVerbs::changePassword);
    change("clear_password", ChangeVerbs::clearPassword);
    change("set_user_tags", ChangeVerbs::setTags);
    change("set_permissions", ChangeVerbs::setPermissions);
    change("clear_permissions", ChangeVerbs::clearPermissions);
    change("set_topic_permissions", ChangeVerbs::setTopicPermissions);
    change("clear_topic_permissions", ChangeVerbs::clearTopicPermissions);
    change("add_vhost", ChangeVerbs::addHost);
    change("delete_vhost", ChangeVerbs::deleteHost);
    change("trace_on", v -> v.trace(true));
    change("trace_off", v -> v.trace(false));
    change("delete_queue", ChangeVerbs::deleteQueue);
    change("purge_queue", ChangeVerbs::purgeQueue);
    change("set_policy", v -> v.setPolicy(Kind.USER));
    change("clear_policy", v -> v.clearPolicy(Kind.USER));
    change("set_operator_policy", v -> v.setPolicy(Kind.OPERATOR));
    change("clear_operator_policy", v -> v.clearPolicy(Kind.OPERATOR));
    change("close_connection", ChangeVerbs::closeConnection);
    change("close_all_connections", ChangeVerbs::closeAllConnections);
    change("set_vm_memory_high_watermark", ChangeVerbs::watermark);
    change("eval", ChangeVerbs::eval);
    verbs.put("status", this::status);
    verbs.put("environment", this::environment);
    verbs.put("ping", arguments -> ping());
    verbs.put("stop_app", arguments -> stop());
    verbs.put("start_app", arguments -> start());
    verbs.put("reload", arguments -> reload());
    verbs.put("help", arguments -> String.join("\n", verbs.keySet()) + "\n");
  }

  private void list(String name, Function<ListVerbs, String> verb) {
    verbs.put(name, how -> verb.apply(new ListVerbs(served.broker().admin(), how)));
  }

  private void change(String name, Function<ChangeVerbs, String> verb) {
    verbs.put(name, how -> verb.apply(new ChangeVerbs(served.broker().admin(), how)));
  }

  /**
   * Does what is asked for.
   *
   * @return what is to be shown
   * @throws CtlFailure if it cannot be done
   */
  String run(List<String> line) {
    CtlArguments arguments = CtlArguments.of(line);
    Function<CtlArguments, String> verb = verbs.get(arguments.verb());
    if (verb == null) {
      throw CtlFailure.wrongUse(
          "no command '" + arguments.verb() + "'; there are " + String.join(", ", verbs.keySet()));
    }
    try {
      return verb.apply(arguments);
    } catch (BrokerException refused) {
      throw CtlFailure.failed(String.valueOf(refused.getMessage()));
    }
  }

  // ---- the broker as a whole

  private String status(CtlArguments arguments) {
    Broker broker = served.broker();
    var status = new LinkedHashMap<String, Object>();
    status.put("product", "Carrick");
    status.put("alarms", broker.alarms().stream().map(Alarm::text).toList());
    status.put("connections", broker.connections().size());
    status.put("queues", broker.queues().size());
    Map<String, Long> counters = broker.metrics().counters();
    for (String name : List.of("messages.published", "messages.delivered", "memory.watermark")) {
      status.put(name, counters.getOrDefault(name, 0L));
    }
    return shown(status, arguments);
  }

  private String environment(CtlArguments arguments) {
    var environment = new LinkedHashMap<String, Object>();
    environment.put("java", Runtime.version().toString());
    environment.put("processors", Runtime.getRuntime().availableProcessors());
    environment.put("heap", Runtime.getRuntime().maxMemory());
    environment.putAll(new TreeMap<>(served.broker().metrics().counters()));
    return shown(environment, arguments);
  }

  private static String shown(Map<String, Object> values, CtlArguments arguments) {
    if (arguments.json()) {
      return JsonText.of(values) + "\n";
    }
    var text = new StringBuilder();
    values.forEach((name, value) -> text.append(name).append('\t').append(value).append('\n'));
    return text.toString();
  }

  private String ping() {
    served.broker().alarms();
    return "Ping succeeded\n";
  }

  private String stop() {
    served.stop();
    return "";
  }

  private String reload() {
    served.reload();
    return "";
  }

  private String start() {
    served.start();
    return "";
  }
}
