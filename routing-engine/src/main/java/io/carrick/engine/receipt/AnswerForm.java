package io.carrick.engine.receipt;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.carrick.HeaderNames;
import io.carrick.Message;
import io.carrick.MessageProperties;
import io.carrick.PreconditionFailedException;
import io.carrick.ReceiptReport;
import io.carrick.ReceiptReport.Counts;
import io.carrick.RoutingKey;
import io.carrick.engine.topology.VirtualHost;
import java.util.Optional;
import java.util.Set;

/** What the answer to a receipt is as a message, and where it goes. Stateless. */
final class AnswerForm {

  /** Where topics are if no adapter says so. */
  private static final String TOPICS = "amq.topic";

  private AnswerForm() {}

  /**
   * Returns a message that goes where answers to another are to go, without what it says.
   *
   * @throws PreconditionFailedException if that says nothing of answers
   */
  static Message addressed(Message request, VirtualHost host) {
    MessageProperties asking = request.properties();
    Optional<String> topic = asking.responseTopic();
    Optional<String> queue = asking.replyTo();
    if (topic.isPresent()) {
      String exchange = exchangeOfTopics(request.exchange(), host);
      return empty(request).addressed(exchange, key(topic.get()), request.publisher(), 0);
    } else if (queue.isPresent()) {
      return empty(request).addressed("", RoutingKey.ofKey(queue.get()), request.publisher(), 0);
    }
    throw new PreconditionFailedException("a receipt without an address that it can go to");
  }

  private static String exchangeOfTopics(String published, VirtualHost host) {
    Set<String> all = host.reservedKeys.exchanges();
    return all.contains(published) ? published : all.stream().findFirst().orElse(TOPICS);
  }

  private static RoutingKey key(String topic) {
    if (topic.isEmpty() || topic.chars().anyMatch(c -> c == '+' || c == '#' || c == 0)) {
      throw new PreconditionFailedException("a receipt to '" + topic + "', which is no topic");
    }
    return RoutingKey.ofTopic(topic.getBytes(UTF_8));
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
    var out = new StringBuilder(160 + 120 * report.entries().size());
    out.append("{\"result\":\"").append(report.result().text());
    out.append("\",\"targets\":").append(counts.targets());
    out.append(",\"acknowledged\":").append(counts.acknowledged());
    out.append(",\"rejected\":").append(counts.rejected());
    out.append(",\"expired\":").append(counts.expired());
    out.append(",\"dropped\":").append(counts.dropped());
    out.append(",\"timedOut\":").append(counts.timedOut());
    out.append(",\"waitedMs\":").append(report.waited().toMillis());
    out.append(",\"queues\":[");
    String comma = "";
    for (ReceiptReport.Entry entry : report.entries()) {
      out.append(comma);
      entry(entry, out);
      comma = ",";
    }
    return out.append("]}").toString();
  }

  private static void entry(ReceiptReport.Entry entry, StringBuilder out) {
    out.append("{\"queue\":");
    string(entry.queue(), out);
    out.append(",\"outcome\":\"").append(entry.outcome().text()).append('"');
    if (!entry.reason().isEmpty()) {
      out.append(",\"reason\":");
      string(entry.reason(), out);
    }
    entry
        .by()
        .ifPresent(
            by -> {
              out.append(",\"protocol\":");
              string(by.protocol(), out);
              out.append(",\"name\":");
              string(by.name(), out);
              out.append(",\"user\":");
              string(by.user(), out);
            });
    out.append('}');
  }

  // RFC 8259 §7
  private static void string(String text, StringBuilder out) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < ' ' || Character.isSurrogate(c) && isAlone(text, i)) {
        out.append(String.format("\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    out.append('"');
  }

  private static boolean isAlone(String text, int at) {
    if (Character.isHighSurrogate(text.charAt(at))) {
      return at + 1 == text.length() || !Character.isLowSurrogate(text.charAt(at + 1));
    }
    return at == 0 || !Character.isHighSurrogate(text.charAt(at - 1));
  }
}
