package io.carrick.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.GetResponse;
import io.carrick.NotFoundException;
import io.carrick.Overflow;
import io.carrick.Policy;
import io.carrick.Policy.AppliesTo;
import io.carrick.Policy.Kind;
import io.carrick.PolicyAdmin;
import io.carrick.PreconditionFailedException;
import io.carrick.QueueOptions;
import io.carrick.Selection;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.storage.Disk;
import io.carrick.testing.BrokerExtension;
import io.carrick.transport.NettyLoops;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What policies make of queues and exchanges that are there, seen by RabbitMQ's client. */
@Timeout(60)
@Tag("amqp091:policies")
class PoliciesTest {

  private final Disk disk = new Disk();

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.of(
          EmbeddedBroker.builder()
              .loops(NettyLoops.factory(2))
              .adapter(Amqp.onAnyPort())
              .policy(Policy.of("/", "built-in", "^built-in").options(maxLength(1)))
              .store(disk));

  private Connection connection;
  private Channel channel;

  private static QueueOptions maxLength(long messages) {
    return QueueOptions.none().maxLength(messages);
  }

  private static QueueOptions ttl(long ms) {
    return QueueOptions.none().messageTtl(Duration.ofMillis(ms));
  }

  private PolicyAdmin policies() {
    return broker.broker().admin().policies();
  }

  private void put(Policy policy) {
    broker.await(policies().put(policy));
  }

  private void delete(String name) {
    broker.await(policies().delete("/", Kind.USER, name));
  }

  @BeforeEach
  void connect() throws Exception {
    var factory = new ConnectionFactory();
    factory.setHost("127.0.0.1");
    factory.setPort(broker.address("amqp").getPort());
    factory.setAutomaticRecoveryEnabled(false);
    factory.setRequestedHeartbeat(0);
    connection = factory.newConnection("test");
    channel = connection.createChannel();
    channel.confirmSelect();
  }

  @AfterEach
  void disconnect() {
    connection.abort();
  }

  private String queue(String name, Object... arguments) throws IOException {
    var table = new java.util.HashMap<String, Object>();
    for (int i = 0; i < arguments.length; i += 2) {
      table.put((String) arguments[i], arguments[i + 1]);
    }
    return channel.queueDeclare(name, false, false, false, table).getQueue();
  }

  private void publish(String exchange, String key, int count)
      throws IOException, InterruptedException, TimeoutException {
    for (int i = 0; i < count; i++) {
      channel.basicPublish(exchange, key, null, new byte[10]);
    }
    channel.waitForConfirms(10_000);
  }

  private int ready(String queue) throws IOException {
    return channel.queueDeclarePassive(queue).getMessageCount();
  }

  @Test
  void aPolicyBoundsAQueueThatIsThereAndLetsItGoAgain() throws Exception {
    queue("q");
    publish("", "q", 5);
    put(Policy.of("/", "short", "^q$").options(maxLength(2)));
    assertThat(ready("q")).isEqualTo(2);
    publish("", "q", 3);
    assertThat(ready("q")).isEqualTo(2);

    delete("short");
    publish("", "q", 3);
    assertThat(ready("q")).isEqualTo(5);
  }

  @Test
  void queuesOfAllLoopsGoByAPolicyWhenThePutIsAnswered() throws Exception {
    for (int i = 0; i < 8; i++) { // connections are spread over the loops in turn
      disconnect();
      connect();
      queue("many" + i);
      publish("", "many" + i, 3);
    }
    broker.client().topology().queue("many-jvm").declare();
    publish("", "many-jvm", 3);
    put(Policy.of("/", "short", "^many").options(maxLength(1)));
    assertThat(broker.broker().queues()).hasSize(9).allMatch(queue -> queue.ready() == 1);
  }

  @Test
  void aQueueThatComesLaterGoesByItToo() throws Exception {
    put(Policy.of("/", "short", "^q").options(maxLength(1)));
    queue("q");
    publish("", "q", 3);
    assertThat(ready("q")).isEqualTo(1);
  }

  @Test
  void messagesGrowTooOldByAPolicy() throws Exception {
    queue("q");
    publish("", "q", 1);
    put(Policy.of("/", "ttl", "^q").options(ttl(1_000)));
    broker.advance(Duration.ofMillis(999));
    assertThat(ready("q")).isEqualTo(1);
    broker.advance(Duration.ofMillis(2));
    assertThat(ready("q")).isZero();

    delete("ttl");
    publish("", "q", 1);
    broker.advance(Duration.ofMinutes(1));
    assertThat(ready("q")).isEqualTo(1);
  }

  @Test
  void aQueueThatNobodyUsesGoesByAPolicy() throws Exception {
    queue("q");
    put(Policy.of("/", "unused", "^q").expires(Duration.ofSeconds(1)));
    broker.advance(Duration.ofMillis(1_001));
    assertThat(broker.broker().queues()).isEmpty();
  }

  @Test
  void ofAnArgumentAndAPolicyTheLowerLimitCounts() throws Exception {
    queue("high", "x-max-length", 9);
    queue("low", "x-max-length", 2);
    put(Policy.of("/", "four", ".*").options(maxLength(4)));
    publish("", "high", 12);
    publish("", "low", 12);
    assertThat(ready("high")).isEqualTo(4);
    assertThat(ready("low")).isEqualTo(2);
  }

  @Test
  void forWhatIsNoLimitTheArgumentCounts() throws Exception {
    queue("given-up");
    queue("other");
    queue("q", "x-dead-letter-exchange", "", "x-dead-letter-routing-key", "given-up");
    queue("r");
    put(
        Policy.of("/", "dlx", "^[qr]$")
            .options(QueueOptions.none().deadLetterTo("", "other").maxLength(0)));
    publish("", "q", 1);
    publish("", "r", 2);
    assertThat(ready("given-up")).isEqualTo(1);
    assertThat(ready("other")).isEqualTo(2);
    GetResponse dead = channel.basicGet("other", true);
    assertThat(dead.getEnvelope().getRoutingKey()).isEqualTo("other");

    delete("dlx");
    publish("", "r", 1);
    assertThat(ready("r")).isEqualTo(1);
  }

  @Test
  void aPolicyMayHaveAQueueRefuse() throws Exception {
    queue("q");
    put(Policy.of("/", "full", "^q$").options(maxLength(1).overflow(Overflow.REJECT_PUBLISH)));
    channel.basicPublish("", "q", null, new byte[1]);
    channel.basicPublish("", "q", null, new byte[1]);
    assertThat(channel.waitForConfirms(10_000)).isFalse();
    assertThat(ready("q")).isEqualTo(1);
  }

  @Test
  void ofSeveralPoliciesTheOneOfTheHighestPriorityCounts() throws Exception {
    queue("q");
    put(Policy.of("/", "b", "q").priority(2).options(maxLength(2)));
    put(Policy.of("/", "a", "q").priority(1).options(maxLength(1)));
    publish("", "q", 5);
    assertThat(ready("q")).isEqualTo(2);
    put(Policy.of("/", "a", "q").priority(3).options(maxLength(1)));
    assertThat(ready("q")).isEqualTo(1);
  }

  @Test
  @Tag("amqp091:operator-policies")
  void anOperatorsPolicyBoundsAUsers() throws Exception {
    queue("q");
    put(Policy.of("/", "user", "q").options(maxLength(10).deadLetterTo("", "given-up")));
    put(Policy.of("/", "operator", "q").operator().options(maxLength(3)));
    queue("given-up");
    publish("", "q", 5);
    assertThat(ready("q")).isEqualTo(3);
    assertThat(ready("given-up")).as("what the user says beside it counts").isEqualTo(2);

    delete("user");
    publish("", "q", 1);
    assertThat(ready("q")).isEqualTo(3);
    assertThat(ready("given-up")).isEqualTo(2);
  }

  @Test
  void aPolicyIsForWhatItAppliesTo() throws Exception {
    queue("classic");
    channel.queueDeclare("quorum", true, false, false, Map.of("x-queue-type", "quorum"));
    put(Policy.of("/", "p", ".*").appliesTo(AppliesTo.CLASSIC_QUEUES).options(maxLength(1)));
    publish("", "classic", 3);
    publish("", "quorum", 3);
    assertThat(ready("classic")).isEqualTo(1);
    assertThat(ready("quorum")).isEqualTo(3);
    put(Policy.of("/", "p", ".*").appliesTo(AppliesTo.EXCHANGES).alternateExchange("ae"));
    publish("", "classic", 3);
    assertThat(ready("classic")).isEqualTo(4);
  }

  @Test
  @Tag("amqp091:alternate-exchange")
  void anExchangeGetsAnAlternateOneAndLosesItAgain() throws Exception {
    channel.exchangeDeclare("there", "fanout");
    channel.exchangeDeclare("own", "fanout", false, false, Map.of("alternate-exchange", "ae2"));
    channel.exchangeDeclare("ae", "fanout");
    channel.exchangeDeclare("ae2", "fanout");
    queue("unroutable");
    queue("unroutable2");
    channel.queueBind("unroutable", "ae", "");
    channel.queueBind("unroutable2", "ae2", "");
    put(Policy.of("/", "ae", "^(there|later|own)$").alternateExchange("ae"));
    channel.exchangeDeclare("later", "fanout");
    publish("there", "k", 1);
    publish("later", "k", 1);
    publish("own", "k", 1);
    assertThat(ready("unroutable")).isEqualTo(2);
    assertThat(ready("unroutable2")).as("the argument counts").isEqualTo(1);

    delete("ae");
    publish("there", "k", 1);
    assertThat(ready("unroutable")).isEqualTo(2);
  }

  @Test
  void aPolicyIsNoArgumentOfADeclaration() throws Exception {
    queue("q");
    put(Policy.of("/", "short", "q").options(maxLength(2)));
    assertThat(queue("q")).as("an equal declaration").isEqualTo("q");
  }

  @Test
  void policiesOutliveTheBrokerAndSoDoesTheirAbsence() throws Exception {
    channel.queueDeclare("q", true, false, false, null);
    put(Policy.of("/", "two", "^q$").options(maxLength(2)).priority(7));
    put(Policy.of("/", "operator", "^x").operator().options(ttl(5)));
    put(Policy.of("/", "gone", "^q$").options(maxLength(1)));
    delete("gone");
    connection.abort();
    disk.crash();
    broker.restart();
    connect();
    publish("", "q", 5);
    assertThat(ready("q")).isEqualTo(2);
    assertThat(broker.await(policies().list(Selection.everything())).items())
        .containsExactly(
            Policy.of("/", "built-in", "^built-in").options(maxLength(1)),
            Policy.of("/", "two", "^q$").options(maxLength(2)).priority(7),
            Policy.of("/", "operator", "^x").operator().options(ttl(5)));
  }

  @Test
  void policiesAreListedPageByPage() {
    put(Policy.of("/", "c", "c").options(maxLength(1)));
    var first = broker.await(policies().list(Selection.everything().limit(1)));
    var rest =
        broker.await(policies().list(Selection.everything().from(first.next().orElseThrow())));
    assertThat(first.items()).extracting(Policy::name).containsExactly("built-in");
    assertThat(rest.items()).extracting(Policy::name).containsExactly("c");
  }

  @Test
  void theBuildersPolicyIsThereFromTheStart() throws Exception {
    queue("built-in queue");
    publish("", "built-in queue", 3);
    assertThat(ready("built-in queue")).isEqualTo(1);
  }

  @Test
  void policiesGoWithTheirVirtualHost() {
    var admin = broker.broker().admin();
    broker.await(admin.createVirtualHost("v"));
    put(Policy.of("v", "p", ".*").options(maxLength(1)));
    broker.await(admin.deleteVirtualHost("v"));
    broker.await(admin.createVirtualHost("v"));
    assertThat(broker.await(policies().list(Selection.everything().in("v"))).items()).isEmpty();
    connection.abort();
    disk.crash();
    broker.restart();
    assertThat(broker.await(policies().list(Selection.everything().in("v"))).items()).isEmpty();
  }

  @Test
  void whatNobodyKnowsOrCannotBeIsRefused() {
    Policy policy = Policy.of("/", "p", ".*");
    assertThatThrownBy(() -> policy.set("max-lenght", 1))
        .isInstanceOf(PreconditionFailedException.class)
        .hasMessageContaining("'max-lenght' is not recognised");
    assertThatThrownBy(() -> policy.set("max-length", "1")).hasMessageContaining("whole number");
    assertThatThrownBy(() -> policy.set("message-ttl", -1)).hasMessageContaining("cannot be -1");
    assertThatThrownBy(() -> policy.set("expires", 0)).hasMessageContaining("cannot be 0");
    assertThatThrownBy(() -> policy.set("overflow", "explode")).hasMessageContaining("'explode'");
    assertThatThrownBy(() -> policy.operator().set("dead-letter-exchange", "x"))
        .hasMessageContaining("not recognised in a policy of this kind");
    assertThatThrownBy(() -> Policy.of("/", "p", "("))
        .hasMessageContaining("invalid regular expression");
    assertThatThrownBy(() -> put(Policy.of("nowhere", "p", ".*")))
        .hasRootCauseInstanceOf(NotFoundException.class);
    assertThatThrownBy(() -> delete("p")).hasRootCauseInstanceOf(NotFoundException.class);
  }
}
