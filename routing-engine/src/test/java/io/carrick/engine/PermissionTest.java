package io.carrick.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.AccessRefusedException;
import io.carrick.Binding;
import io.carrick.Broker;
import io.carrick.Identity;
import io.carrick.Message;
import io.carrick.MessageProperties;
import io.carrick.NotFoundException;
import io.carrick.QueueInfo;
import io.carrick.RoutingKey;
import io.carrick.engine.loop.ManualLoops;
import io.carrick.spi.AdapterContext.AttachRequest;
import io.carrick.spi.Attachment;
import io.carrick.spi.Authorizer;
import io.carrick.spi.Completion;
import io.carrick.spi.Credentials;
import io.carrick.spi.Done;
import io.carrick.spi.LastValueCursor;
import io.carrick.spi.QueueDeclaration;
import io.carrick.spi.QueueDeclaration.SessionQueue;
import io.carrick.spi.Resource;
import io.carrick.spi.Resource.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the authorizer is asked at the port, and what it is not told by a refusal. */
class PermissionTest {

  private final ManualLoops loops = new ManualLoops();
  private final PortAdapter adapter = new PortAdapter();
  private final List<Resource> asked = new ArrayList<>();
  private final List<String> questions = new ArrayList<>();
  private final List<Kind> refused = new ArrayList<>();
  private boolean mayRetain = true;
  private Broker broker;
  private TestClient client;

  private final Authorizer authorizer =
      new Authorizer() {
        @Override
        public boolean allows(Identity who, Action action, Resource what) {
          asked.add(what);
          questions.add(action + " " + what.kind() + " " + what.name());
          return !refused.contains(what.kind()) && (mayRetain || action != Action.RETAIN);
        }

        @Override
        public boolean allowsDelivery(Identity who, Resource topic) {
          asked.add(topic);
          return !topic.name().startsWith("secret");
        }
      };

  @BeforeEach
  void start() {
    broker =
        EmbeddedBroker.builder()
            .loops(prefix -> loops)
            .adapter(adapter)
            .authorizer(authorizer)
            .start();
    client = new TestClient(adapter.adapters(), loops, loops.first, "c");
    asked.clear();
  }

  @AfterEach
  void close() {
    broker.close();
  }

  private void schedule(String exchange, String key) {
    Message will = client.message(exchange, key, MessageProperties.NONE, "gone");
    client.ask((Attachment a, Completion<Done> done) -> a.schedulePublish("w", will, 9, done));
  }

  private void scheduleAfterStart(String exchange, String key) {
    Message will = client.message(exchange, key, MessageProperties.NONE, "gone");
    client.ask(
        (Attachment a, Completion<Done> done) -> a.schedulePublishAfterStart("w", will, 9, done));
  }

  @Test
  void aScheduledPublishNeedsThePermissionsOfAPublish() {
    schedule("amq.topic", "a.b");
    scheduleAfterStart("amq.topic", "a.b");
    assertThat(asked)
        .containsExactly(
            Resource.exchange("/", "amq.topic"),
            Resource.topic("/", "amq.topic", "a.b"),
            Resource.exchange("/", "amq.topic"),
            Resource.topic("/", "amq.topic", "a.b"));

    refused.add(Kind.TOPIC);
    assertThatThrownBy(() -> schedule("amq.topic", "a.b"))
        .isInstanceOf(AccessRefusedException.class);
    assertThatThrownBy(() -> scheduleAfterStart("amq.topic", "a.b"))
        .isInstanceOf(AccessRefusedException.class);
  }

  @Test
  void aScheduledPublishIsAskedAboutAgainWhenItsTimeHasCome() {
    client.declare("q");
    client.bind(Binding.of("amq.topic", "q", "#"));
    schedule("amq.topic", "a.b");
    loops.advance(9);
    assertThat(broker.metrics().value("messages.routed")).isEqualTo(1);
    schedule("amq.topic", "a.b");
    refused.add(Kind.TOPIC);
    loops.advance(9);
    assertThat(broker.metrics().value("messages.routed")).isEqualTo(1);
    assertThat(broker.metrics().value("messages.refused")).isEqualTo(1);
  }

  @Test
  void aScheduledPublishDoesNotTellWhichExchangesThereAre() {
    assertThatThrownBy(() -> schedule("missing", "k")).isInstanceOf(NotFoundException.class);

    refused.add(Kind.EXCHANGE);

    assertThatThrownBy(() -> schedule("missing", "k"))
        .isInstanceOf(AccessRefusedException.class)
        .hasMessage("write access to exchange 'missing' in vhost '/' refused for user ''");
    assertThatThrownBy(() -> scheduleAfterStart("missing", "k"))
        .isInstanceOf(AccessRefusedException.class);
  }

  private static final MessageProperties RETAINED =
      Message.builder("").retain().build().properties();

  @Test
  void whoeverKeepsALastValueOrClearsItMayRetainItsTopicBesideWritingToIt() {
    adapter.adapters().reserve("/", "amq.topic", key -> false);
    for (String text : List.of("1", "")) {
      questions.clear();
      client.act(p -> p.publish(client.message("amq.topic", "a.b", RETAINED, text)));
      assertThat(questions)
          .containsExactly("WRITE EXCHANGE amq.topic", "WRITE TOPIC a.b", "RETAIN TOPIC a.b");
    }
    questions.clear();
    client.act(p -> p.publish(client.message("amq.direct", "a.b", RETAINED, "1")));
    client.act(p -> p.publish(client.message("amq.topic", "a.b", MessageProperties.NONE, "1")));
    assertThat(questions).doesNotContain("RETAIN TOPIC a.b");
  }

  @Test
  void whoMayNotRetainMayPublishWhatIsNotRetainedAndIsRefusedTheRest() {
    mayRetain = false;
    client.act(
        p -> {
          p.publish(client.message("amq.topic", "a.b", MessageProperties.NONE, "live"));
          assertThatThrownBy(() -> p.publish(client.message("amq.topic", "a.b", RETAINED, "1")))
              .isInstanceOf(AccessRefusedException.class)
              .hasMessage(
                  "retain access to topic 'a.b' in exchange 'amq.topic' in vhost '/' refused for"
                      + " user ''");
        });
    assertThat(broker.metrics().value("messages.published")).isEqualTo(1);
    assertThat(broker.metrics().value("memory.held{kind=last-values}")).isZero();
    assertThat(broker.metrics().value("permissions.refused{action=retain}")).isEqualTo(1);
  }

  @Test
  void whatIsScheduledToBeRetainedIsAskedAboutThenAndWhenItsTimeHasCome() {
    Message will = client.message("amq.topic", "a.b", RETAINED, "gone");
    client.ask((Attachment a, Completion<Done> done) -> a.schedulePublish("w", will, 9, done));
    mayRetain = false;
    loops.advance(9);
    assertThat(broker.metrics().value("messages.refused")).isEqualTo(1);
    assertThat(broker.metrics().value("memory.held{kind=last-values}")).isZero();
    assertThatThrownBy(
            () ->
                client.ask(
                    (Attachment a, Completion<Done> done) -> a.schedulePublish("w", will, 9, done)))
        .isInstanceOf(AccessRefusedException.class);
  }

  private long ready(String queue) {
    return broker.queues().stream()
        .filter(q -> q.name().equals(queue))
        .findFirst()
        .orElseThrow()
        .ready();
  }

  @Test
  void whoBindsForLastValuesGetsThoseThatItMayHave() {
    client.act(p -> p.publish(client.message("amq.topic", "secret.b", RETAINED, "1")));
    client.act(p -> p.publish(client.message("amq.topic", "open.b", RETAINED, "2")));
    client.declare("q");
    client.bind(Binding.of("amq.topic", "q", "#", Map.of("x-mqtt-retained", true)));
    assertThat(ready("q")).isEqualTo(1);

    refused.add(Kind.TOPIC);
    client.declare("other");
    assertThatThrownBy(
            () ->
                client.bind(Binding.of("amq.topic", "other", "#", Map.of("x-mqtt-retained", true))))
        .isInstanceOf(AccessRefusedException.class);
    assertThat(ready("other")).isZero();
  }

  @Test
  void lastValuesAreOfferedOneByOneToWhoMayHaveThem() {
    adapter.adapters().reserve("/", "amq.topic", key -> false);
    MessageProperties retained = Message.builder("").retain().build().properties();
    client.act(p -> p.publish(client.message("amq.topic", "secret.b", retained, "1")));
    client.act(p -> p.publish(client.message("amq.topic", "open.b", retained, "2")));
    asked.clear();
    var offered = new ArrayList<String>();
    client.act(
        p -> {
          LastValueCursor cursor = p.lastValues(RoutingKey.ofTopic("+/b"));
          while (!cursor.atEnd()) {
            cursor.next().ifPresent(m -> offered.add(m.text()));
          }
        });
    assertThat(offered).containsExactly("2");
    assertThat(asked)
        .containsExactlyInAnyOrder(
            Resource.topic("/", "amq.topic", "secret.b"),
            Resource.topic("/", "amq.topic", "open.b"));
  }

  @Test
  void anAttachmentDoesNotTellWhichVirtualHostsThereAre() {
    assertThatThrownBy(() -> attach("missing")).isInstanceOf(NotFoundException.class);

    refused.add(Kind.VIRTUAL_HOST);

    assertThatThrownBy(() -> attach("missing"))
        .isInstanceOf(AccessRefusedException.class)
        .hasMessage("access to vhost 'missing' refused for user 'u'");
    assertThatThrownBy(() -> attach("/")).hasMessage("access to vhost '/' refused for user 'u'");
  }

  private void attach(String virtualHost) {
    var answer = new TestClient.Answer<Attachment>();
    var credentials = new Credentials("u", new byte[0], "", "test", true);
    var request = new AttachRequest(virtualHost, credentials, "test", "c");
    Identity who = Identity.ofUser("u");
    loops.first.turn(() -> adapter.adapters().attach(loops.first, who, request, client, answer));
    answer.get();
  }

  @Test
  void whereASessionsDeadLettersGoIsNotItsClientsDecision() {
    refused.add(Kind.EXCHANGE);
    SessionQueue session = SessionQueue.of("c", PortAdapter.ADMISSION);
    var declaration =
        new QueueDeclaration(
            "mqtt.c", false, false, false, Map.of("x-dead-letter-exchange", "dead"), session);

    assertThat(declare(declaration).name()).isEqualTo("mqtt.c");
    assertThat(asked).containsExactly(Resource.queue("/", "mqtt.c"));
  }

  private QueueInfo declare(QueueDeclaration declaration) {
    return client.ask((port, done) -> port.declareQueue(declaration, done));
  }
}
