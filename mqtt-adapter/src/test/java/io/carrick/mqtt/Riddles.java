package io.carrick.mqtt;

import io.carrick.Identity;
import io.carrick.spi.Credentials;
import io.carrick.spi.SaslMechanism;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/**
 * A mechanism of a user's own: who says its name, perhaps with a tag behind a plus sign, and counts
 * on from {@code one} and {@code two} is let in. To {@code long} it says much.
 */
final class Riddles implements SaslMechanism {

  static final String NAME = "RIDDLES";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Exchange begin(Credentials peer) {
    return new Conversation(peer.clientId());
  }

  /** Used by one thread at a time. */
  private static final class Conversation implements Exchange {

    private final String clientId;
    private String name = "";
    private int answered;

    Conversation(String clientId) {
      this.clientId = clientId;
    }

    @Override
    public Step respond(byte[] response) {
      String said = new String(response, StandardCharsets.UTF_8);
      if (name.isEmpty()) {
        name = said.isEmpty() ? clientId : said;
        return challenge(said.equals("long") ? "one".repeat(99) : "one");
      }
      answered++;
      if (answered == 1 && said.equals("two")) {
        return challenge("three");
      }
      return answered == 2 && said.equals("four")
          ? Step.accepted(identity(), bytes("welcome"))
          : Step.refused();
    }

    private Identity identity() {
      String[] parts = name.split("\\+", 2);
      Identity who = Identity.ofUser(parts[0]);
      return parts.length == 1 ? who : who.withTags(Set.of(parts[1]));
    }

    private static Step challenge(String text) {
      return Step.challenge(bytes(text));
    }

    private static byte[] bytes(String text) {
      return text.getBytes(StandardCharsets.UTF_8);
    }
  }
}
