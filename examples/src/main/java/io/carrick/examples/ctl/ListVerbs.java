package io.carrick.examples.ctl;

import io.carrick.Admin;
import io.carrick.Binding;
import io.carrick.BindingInfo;
import io.carrick.ChannelInfo;
import io.carrick.ConnectionInfo;
import io.carrick.ConsumerInfo;
import io.carrick.ExchangeDefinition;
import io.carrick.Policy;
import io.carrick.QueueDetails;
import io.carrick.Selection;
import io.carrick.User;
import io.carrick.VirtualHostInfo;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * The verbs that list something. Immutable.
 *
 * @param admin of the broker
 * @param arguments what was asked for
 */
record ListVerbs(Admin admin, CtlArguments arguments) {

  private CtlTable table(List<String> byDefault, String... more) {
    var known = new java.util.ArrayList<>(byDefault);
    known.addAll(List.of(more));
    return new CtlTable(arguments.words(), byDefault, known);
  }

  private Selection here() {
    return Selection.everything().in(arguments.virtualHost());
  }

  private String show(CtlTable table) {
    return table.text(arguments);
  }

  String connections() {
    CtlTable table =
        table(
            List.of("user", "peer_host", "peer_port", "state"),
            "pid",
            "name",
            "vhost",
            "protocol",
            "client_properties",
            "connected_at");
    Asking.each(admin::connections, Selection.everything(), c -> addTo(table, c));
    return show(table);
  }

  private static void addTo(CtlTable table, ConnectionInfo c) {
    if (c.remote().equals("in-jvm")) {
      return; // a client of the broker's own JVM
    }
    // Clients of a Unix socket have no port, nor have those of whom a proxy says nothing.
    boolean ported = !c.remote().startsWith("unix:") && c.remote().contains(":");
    int colon = ported ? c.remote().lastIndexOf(':') : c.remote().length();
    table.add(
        Map.of(
            "pid",
            c.id(),
            "name",
            c.name(),
            "user",
            c.user(),
            "vhost",
            c.virtualHost(),
            "protocol",
            c.protocol(),
            "peer_host",
            c.remote().substring(0, colon),
            "peer_port",
            ported ? Integer.valueOf(c.remote().substring(colon + 1)) : 0,
            "state",
            "running",
            "client_properties",
            c.name().isEmpty() ? Map.of() : Map.of("connection_name", c.name()),
            "connected_at",
            c.since().toEpochMilli()));
  }

  String channels() {
    CtlTable table =
        table(List.of("pid", "user", "consumer_count"), "vhost", "number", "confirm", "connection");
    Asking.each(admin::channels, Selection.everything(), c -> addTo(table, c));
    return show(table);
  }

  private static void addTo(CtlTable table, ChannelInfo c) {
    table.add(
        Map.of(
            "pid",
            c.connectionId() + "." + c.number(),
            "connection",
            c.connectionId(),
            "number",
            c.number(),
            "user",
            c.user(),
            "vhost",
            c.virtualHost(),
            "consumer_count",
            c.consumers(),
            "confirm",
            c.confirming()));
  }

  String queues() {
    CtlTable table =
        table(
            List.of("name", "messages"),
            "messages_ready",
            "messages_unacknowledged",
            "message_bytes",
            "consumers",
            "durable",
            "auto_delete",
            "exclusive",
            "owner_pid",
            "session",
            "type",
            "state",
            "arguments",
            "vhost");
    Asking.each(admin::queues, here(), q -> addTo(table, q));
    return show(table);
  }

  private static void addTo(CtlTable table, QueueDetails q) {
    table.add(
        Map.ofEntries(
            Map.entry("name", q.info().name()),
            Map.entry("vhost", q.info().virtualHost()),
            Map.entry("messages", q.info().ready() + q.info().unsettled()),
            Map.entry("messages_ready", q.info().ready()),
            Map.entry("messages_unacknowledged", q.info().unsettled()),
            Map.entry("message_bytes", q.info().bytes()),
            Map.entry("consumers", q.info().consumers()),
            Map.entry("durable", q.definition().durable()),
            Map.entry("auto_delete", q.definition().autoDelete()),
            Map.entry("exclusive", q.owner().isPresent()),
            Map.entry("owner_pid", q.owner().orElse("")),
            Map.entry("session", q.session().orElse("")),
            Map.entry("type", q.definition().arguments().getOrDefault("x-queue-type", "classic")),
            Map.entry("state", "running"),
            Map.entry("arguments", q.definition().arguments())));
  }

  String exchanges() {
    CtlTable table =
        table(List.of("name", "type"), "durable", "auto_delete", "internal", "arguments", "vhost");
    Asking.each(admin::exchanges, here(), x -> addTo(table, x));
    return show(table);
  }

  private static void addTo(CtlTable table, ExchangeDefinition x) {
    table.add(
        Map.of(
            "name",
            x.name(),
            "type",
            x.type(),
            "durable",
            x.durable(),
            "auto_delete",
            x.autoDelete(),
            "internal",
            x.internal(),
            "arguments",
            x.arguments(),
            "vhost",
            x.virtualHost()));
  }

  String bindings() {
    CtlTable table =
        table(
            List.of(
                "source_name",
                "source_kind",
                "destination_name",
                "destination_kind",
                "routing_key",
                "arguments"),
            "vhost");
    Asking.each(admin::bindings, here(), b -> addTo(table, b));
    return show(table);
  }

  private static void addTo(CtlTable table, BindingInfo info) {
    Binding b = info.binding();
    table.add(
        Map.of(
            "source_name",
            b.exchange(),
            "source_kind",
            "exchange",
            "destination_name",
            b.destination(),
            "destination_kind",
            b.target() == Binding.Target.QUEUE ? "queue" : "exchange",
            "routing_key",
            b.key().asBindingKey(),
            "arguments",
            b.arguments(),
            "vhost",
            info.virtualHost()));
  }

  String consumers() {
    CtlTable table =
        table(
            List.of("queue_name", "channel_pid", "active", "prefetch_count"),
            "messages_unacknowledged");
    Asking.each(admin::consumers, here(), c -> addTo(table, c));
    return show(table);
  }

  private static void addTo(CtlTable table, ConsumerInfo c) {
    table.add(
        Map.of(
            "queue_name",
            c.queue(),
            "channel_pid",
            c.connectionId(),
            "active",
            c.active(),
            "prefetch_count",
            c.prefetch(),
            "messages_unacknowledged",
            c.unsettled()));
  }

  String virtualHosts() {
    CtlTable table = table(List.of("name"), "queues", "exchanges", "tracing");
    Asking.each(admin::virtualHosts, Selection.everything(), h -> addTo(table, h));
    return show(table);
  }

  private static void addTo(CtlTable table, VirtualHostInfo h) {
    table.add(
        Map.of(
            "name",
            h.name(),
            "queues",
            h.queues(),
            "exchanges",
            h.exchanges(),
            "tracing",
            h.firehose()));
  }

  String policies(Policy.Kind kind) {
    CtlTable table =
        new CtlTable(
            List.of(),
            List.of("vhost", "name", "pattern", "apply-to", "definition", "priority"),
            List.of());
    Asking.each(
        admin.policies()::list,
        here(),
        p -> {
          if (p.kind() == kind) {
            addTo(table, p);
          }
        });
    return show(table);
  }

  private void addTo(CtlTable table, Policy p) {
    table.add(
        Map.of(
            "vhost",
            p.virtualHost(),
            "name",
            p.name(),
            "pattern",
            p.pattern(),
            "apply-to",
            p.appliesTo().text(),
            "definition",
            arguments.json() ? p.definition() : JsonText.of(p.definition()),
            "priority",
            p.priority()));
  }

  String users() {
    CtlTable table = table(List.of("user", "tags"));
    Asking.each(
        admin.users()::list,
        Selection.everything(),
        u -> table.add(Map.of("user", u.name(), "tags", List.copyOf(new TreeSet<>(u.tags())))));
    return show(table);
  }

  /** Lists what users may do: all in a virtual host, or one in all. */
  String permissions(boolean ofUser) {
    CtlTable table = plain(ofUser ? "vhost" : "user", "configure", "write", "read");
    eachUser(
        ofUser,
        user ->
            user.permissions()
                .forEach(
                    (host, p) -> {
                      if (ofUser || host.equals(arguments.virtualHost())) {
                        table.add(
                            Map.of(
                                "vhost",
                                host,
                                "user",
                                user.name(),
                                "configure",
                                p.configure(),
                                "write",
                                p.write(),
                                "read",
                                p.read()));
                      }
                    }));
    return show(table);
  }

  /** Lists what users may do with routing keys: all in a virtual host, or one in all. */
  String topicPermissions(boolean ofUser) {
    CtlTable table = plain(ofUser ? "vhost" : "user", "exchange", "write", "read", "retain");
    eachUser(
        ofUser,
        user ->
            user.topicPermissions()
                .forEach(
                    (host, byExchange) -> {
                      if (ofUser || host.equals(arguments.virtualHost())) {
                        byExchange.forEach(
                            (exchange, p) ->
                                table.add(
                                    Map.of(
                                        "vhost",
                                        host,
                                        "user",
                                        user.name(),
                                        "exchange",
                                        exchange,
                                        "write",
                                        p.write(),
                                        "read",
                                        p.read(),
                                        "retain",
                                        p.retain())));
                      }
                    }));
    return show(table);
  }

  private static CtlTable plain(String... columns) {
    return new CtlTable(List.of(), List.of(columns), List.of());
  }

  private void eachUser(boolean one, java.util.function.Consumer<User> into) {
    String only = one ? arguments.word(0, "a user") : "";
    Asking.each(
        admin.users()::list,
        Selection.everything().startingWith(only),
        user -> {
          if (!one || user.name().equals(only)) {
            into.accept(user);
          }
        });
  }
}
