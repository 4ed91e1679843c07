package io.carrick.storage;

import io.carrick.Annotations;
import io.carrick.Death;
import io.carrick.Identity;
import io.carrick.Message;
import io.carrick.RoutingKey;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Keeps of a message its key and which queues gave it up how often beside the payload; tags are
 * texts. Immutable.
 */
public final class PlainCodec implements MessageCodec {

  private static final String SEPARATOR = "\0";

  @Override
  public byte[] head(Message message) {
    List<Death> deaths = message.annotations().deaths();
    if (deaths.isEmpty()) {
      return message.routingKey().bytes();
    }
    var head = new StringBuilder(message.routingKey().asKey());
    for (Death death : deaths) {
      head.append(SEPARATOR).append(death.queue()).append(SEPARATOR).append(death.count());
    }
    return head.toString().getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public Message message(byte[] head, byte[] payload) {
    Message message = Message.of(payload);
    if (head.length == 0) {
      return message;
    }
    String[] parts = new String(head, StandardCharsets.UTF_8).split(SEPARATOR, -1);
    return message
        .addressed("", RoutingKey.ofKey(parts[0]), Identity.ANONYMOUS, 0)
        .annotated(notes(parts));
  }

  private static Annotations notes(String[] parts) {
    var deaths = new ArrayList<Death>();
    for (int i = 1; i + 1 < parts.length; i += 2) {
      var event = new Death.Event(parts[i], Death.Reason.REJECTED, "");
      deaths.add(
          new Death(
              event, List.of(), Long.parseLong(parts[i + 1]), Instant.EPOCH, OptionalLong.empty()));
    }
    return deaths.isEmpty()
        ? Annotations.NONE
        : Annotations.NONE.withDeaths(deaths, deaths.get(0).event(), deaths.get(0).event());
  }

  @Override
  public byte[] tag(Object tag) {
    return tag.toString().getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public @Nullable Object tag(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
