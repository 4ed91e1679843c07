package io.carrick.storage;

import io.carrick.Identity;
import io.carrick.Message;
import io.carrick.RoutingKey;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Keeps of a message its key beside the payload; tags are texts. Immutable. */
public final class PlainCodec implements MessageCodec {

  @Override
  public byte[] head(Message message) {
    return message.routingKey().bytes();
  }

  @Override
  public Message message(byte[] head, byte[] payload) {
    Message message = Message.of(payload);
    return head.length == 0
        ? message
        : message.addressed("", RoutingKey.ofKey(head), Identity.ANONYMOUS, 0);
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
