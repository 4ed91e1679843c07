package io.carrick.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.AccessRefusedException;
import io.carrick.Broker;
import io.carrick.Identity;
import io.carrick.MessageProperties;
import io.carrick.engine.loop.ManualLoops;
import io.carrick.spi.Authorizer;
import io.carrick.spi.Resource;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A client that has proved anew who it is may do what it may now. */
class ReauthenticatedTest {

  private static final Identity NOBODY = new Identity("", "c");
  private static final Identity EVERYTHING = NOBODY.withTags(Set.of("everything"));

  private final ManualLoops loops = new ManualLoops();
  private final AtomicInteger version = new AtomicInteger();
  private final PortAdapter adapter = new PortAdapter();
  private final Broker broker =
      EmbeddedBroker.builder()
          .loops(prefix -> loops)
          .adapter(adapter)
          .authorizer(new ByTag(version))
          .start();
  private final TestClient client = new TestClient(adapter.adapters(), loops, loops.first, "c");

  @AfterEach
  void close() {
    broker.close();
  }

  /** Who has the tag may do everything and is not asked about; who is banned nothing. */
  private record ByTag(AtomicInteger current) implements Authorizer {

    @Override
    public boolean allows(Identity who, Action action, Resource what) {
      return action == Action.CONNECT ? !who.has("banned") : who.has("everything");
    }

    @Override
    public boolean allowsEverything(Identity who, String virtualHost) {
      return who.has("everything");
    }

    @Override
    public int version() {
      return current.get();
    }
  }

  private void become(Identity who) {
    client.act(port -> port.reauthenticated(who));
  }

  private void publish() {
    client.act(p -> p.publish(client.message("amq.topic", "a", MessageProperties.NONE, "x")));
  }

  @Test
  void whatItMayDoIsWhatTheNewIdentityMay() {
    assertThatThrownBy(this::publish).isInstanceOf(AccessRefusedException.class);
    become(EVERYTHING);
    version.set(1);
    publish();
    assertThat(client.port.identity()).isEqualTo(EVERYTHING);
    become(NOBODY);
    assertThatThrownBy(this::publish).isInstanceOf(AccessRefusedException.class);
  }

  @Test
  void itCannotBecomeAnotherUserAndRemainsWhoItIs() {
    become(EVERYTHING);
    Identity another = new Identity("anne", "c", Set.of("everything"));
    assertThatThrownBy(() -> become(another)).hasMessage("a client cannot become user 'anne'");
    assertThat(client.port.identity()).isEqualTo(EVERYTHING);
    publish();
  }

  @Test
  void whoMustNotBeThereAnyMoreIsRefused() {
    assertThatThrownBy(() -> become(NOBODY.withTags(Set.of("banned"))))
        .isInstanceOf(AccessRefusedException.class)
        .hasMessage("access to vhost '/' refused for user ''");
    assertThat(client.port.identity()).isEqualTo(NOBODY);
  }
}
