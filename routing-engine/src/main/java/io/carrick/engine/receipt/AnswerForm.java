package io.carrick.engine.receipt;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.carrick.HeaderNames;
import io.carrick.Message;
import io.carrick.MessageProperties;
import io.carrick.PreconditionFailedException;
import io.carrick.ReceiptReport;
import io.carrick.ReceiptReport.Counts;
import io.carrick.RoutingKey;
import io.carrick.crossing.JsonText;
import io.carrick.engine.topology.VirtualHost;
import io.carrick.spi.TopicQueue;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What the answer to a receipt is as a message, and where it goes. Stateless. */
final class AnswerForm {

  private AnswerForm() {}

  /**
   * Returns a message that goes where answers to another are to go, without what it says.
   *
   * @throws PreconditionFailedException if that says nothing of answers
   */
  static Message addressed(Message request, VirtualHost host) {
    MessageProperties asking = request.properties();
    Optional<String> queue = asking.replyTo();
    Optional<String> topic = asking.responseTopic().or(() -> queue.flatMap(TopicQueue::topic));
    if (topic.isPresent()) {
      String exchange = exchangeOfTopics(request.exchange(), host);
      return empty(request).addressed(exchange, key(topic.get(), host), request.publisher(), 0);
    } else if (queue.isPresent()) {
      return empty(request).addressed("", RoutingKey.ofKey(queue.get()), request.publisher(), 0);
    }
    throw new PreconditionFailedException("a receipt without an address that it can go to");
  }

  private static String exchangeOfTopics(String published, VirtualHost host) {
    Set<String> all = host.reservedKeys.exchanges();
    return all.contains(published) ? published : all.iterator().next();
  }

  private static RoutingKey key(String topic, VirtualHost host) {
    if (topic.isEmpty() || topic.chars().anyMatch(c -> c == '+' || c == '#' || c == 0)) {
      throw new PreconditionFailedException("a receipt to '" + topic + "', which is no topic");
    }
    try {
      return host.spelling().address(topic.getBytes(UTF_8));
    } catch (IllegalArgumentException none) { // MAP-9
      throw new PreconditionFailedException("a receipt to '" + topic + "', which is not mapped");
    }
  }

  /** What joins answer and request, and whether it is stored, is as the request has it. */
  private static Message empty(Message request) {
    Message.Builder made = Message.builder("");
    request.properties().correlationId().ifPresent(made::correlationId);
    return (request.properties().persistent() ? made.persistent() : made).build();
  }

  /** Returns the answer, on its way to where an {@linkplain #addressed empty one} goes. */
  static Message filled(Message empty, ReceiptReport report, long nowMs) {
    Counts counts = report.counts();
    Message.Builder made =
        Message.builder(text(report))
            .contentType("application/json")
            .payloadFormat(1)
            .header(HeaderNames.RECEIPT_RESULT, report.result().text())
            .header(HeaderNames.RECEIPT_TARGETS, counts.targets())
            .header(HeaderNames.RECEIPT_ACKNOWLEDGED, counts.acknowledged())
            .header(HeaderNames.RECEIPT_REJECTED, counts.rejected())
            .header(HeaderNames.RECEIPT_EXPIRED, counts.expired())
            .header(HeaderNames.RECEIPT_DROPPED, counts.dropped())
            .header(HeaderNames.RECEIPT_TIMED_OUT, counts.timedOut());
    empty.properties().correlationId().ifPresent(made::correlationId);
    return (empty.properties().persistent() ? made.persistent() : made)
        .build()
        .addressed(empty.exchange(), empty.routingKey(), empty.publisher(), nowMs);
  }

  /** Returns a report as compact JSON. */
  static String text(ReceiptReport report) {
    Counts counts = report.counts();
    var table = new LinkedHashMap<String, Object>();
    table.put("result", report.result().text());
    table.put("targets", counts.targets());
    table.put("acknowledged", counts.acknowledged());
    table.put("rejected", counts.rejected());
    table.put("expired", counts.expired());
    table.put("dropped", counts.dropped());
    table.put("timedOut", counts.timedOut());
    table.put("waitedMs", report.waited().toMillis());
    table.put("queues", report.entries().stream().map(AnswerForm::table).toList());
    return JsonText.of(table);
  }

  private static Map<String, Object> table(ReceiptReport.Entry entry) {
    var table = new LinkedHashMap<String, Object>();
    table.put("queue", entry.queue());
    table.put("outcome", entry.outcome().text());
    if (!entry.reason().isEmpty()) {
      table.put("reason", entry.reason());
    }
    entry
        .by()
        .ifPresent(
            by -> {
              table.put("protocol", by.protocol());
              table.put("name", by.name());
              table.put("user", by.user());
            });
    return table;
  }
}
