package io.carrick.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.RoutingKey;
import io.carrick.amqp.codec.AmqpException;
import io.carrick.amqp.codec.BasicMethod;
import io.carrick.amqp.codec.ChannelMethod;
import io.carrick.amqp.codec.ConnectionMethod;
import io.carrick.amqp.codec.ConnectionMethod.Close;
import io.carrick.amqp.codec.ConnectionMethod.Start;
import io.carrick.amqp.codec.ConnectionMethod.StartOk;
import io.carrick.amqp.codec.ConnectionMethod.Tune;
import io.carrick.amqp.codec.ConnectionMethod.TuneOk;
import io.carrick.amqp.codec.FieldWriter;
import io.carrick.amqp.codec.FrameReader;
import io.carrick.amqp.codec.QueueMethod;
import io.carrick.amqp.codec.ReplyCode;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.testing.BrokerExtension;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** From the protocol header to connection.open-ok. AMQP 0-9-1 §2.2.4 */
class HandshakeTest {

  private static final int CHANNELS = 20;
  private static final int FRAME_BYTES = 8_192;

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.of(
              EmbeddedBroker.builder()
                  .adapter(Amqp.onAnyPort())
                  .limits(
                      Limits.defaults()
                          .with(Limit.CHANNELS, CHANNELS)
                          .with(Limit.FRAME_BYTES, FRAME_BYTES)))
          .inTestThread();

  private RawClient client() {
    return new RawClient(broker.peer("amqp"));
  }

  private RawClient started() {
    RawClient client = client();
    client.bytes(RawClient.PROTOCOL_HEADER);
    client.next(Start.class);
    return client;
  }

  private static StartOk guest() {
    return RawClient.plain("guest", "guest", Map.of());
  }

  private RawClient loggedIn() {
    RawClient client = started();
    client.send(0, guest());
    client.next(Tune.class);
    return client;
  }

  private static void assertClosed(RawClient client, ReplyCode code) {
    Close close = client.next(Close.class);
    assertThat(close.code()).as(close.text()).isEqualTo(code.code());
    assertThat(close.text()).startsWith(code.name() + " - ");
    client.send(0, new ConnectionMethod.CloseOk());
    assertThat(client.closed()).isTrue();
  }

  private long failed(ReplyCode code) {
    return broker
        .broker()
        .metrics()
        .value("connections.failed{protocol=amqp,code=" + code.name() + "}");
  }

  // ---- versions

  @Test
  @Tag("amqp091:protocol-header")
  void whoSpeaksAnotherVersionIsToldOurs() {
    RawClient client = client();
    client.bytes(new byte[] {'A', 'M', 'Q', 'P', 1, 1, 0, 9});
    assertThat(client.receivedBytes()).isEqualTo(RawClient.PROTOCOL_HEADER);
    assertThat(client.closed()).isTrue();
  }

  @Test
  void whoSpeaksAnotherProtocolIsToldOurs() {
    RawClient client = client();
    client.bytes("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    assertThat(client.receivedBytes()).isEqualTo(RawClient.PROTOCOL_HEADER);
    assertThat(client.closed()).isTrue();
  }

  @Test
  @Tag("amqp091:connection.start")
  @Tag("amqp091:connection.start-ok")
  @Tag("amqp091:connection.tune")
  @Tag("amqp091:connection.tune-ok")
  @Tag("amqp091:connection.open")
  @Tag("amqp091:connection.open-ok")
  void theHandshakeMayComeByteByByte() {
    RawClient client = client();
    for (byte b : RawClient.PROTOCOL_HEADER) {
      client.bytes(b);
    }
    client.next(Start.class);
    for (byte b : RawClient.frames(0, guest())) {
      client.bytes(b);
    }
    client.next(Tune.class);
  }

  @Test
  @Tag("amqp091:connection.start")
  @Tag("amqp091:capabilities")
  void theBrokerSaysWhatItCanDo() {
    RawClient client = client();
    client.bytes(RawClient.PROTOCOL_HEADER);
    Start start = client.next(Start.class);
    assertThat(start.major()).isZero();
    assertThat(start.minor()).isEqualTo(9);
    assertThat(start.mechanisms().split(" ")).contains("PLAIN", "AMQPLAIN");
    assertThat(start.serverProperties().get("product")).isEqualTo("RabbitMQ");
    assertThat(start.serverProperties().get("platform").toString()).contains("Carrick");
    assertThat(((Map<?, ?>) start.serverProperties().get("capabilities")).keySet())
        .isEqualTo(
            Set.of(
                "publisher_confirms",
                "exchange_exchange_bindings",
                "basic.nack",
                "consumer_cancel_notify",
                "connection.blocked",
                "consumer_priorities",
                "authentication_failure_close",
                "per_consumer_qos"));
  }

  // ---- login

  @Test
  @Tag("amqp091:AMQPLAIN")
  void guestLogsInWithAmqplain() {
    var fields = new LinkedHashMap<String, Object>();
    fields.put("LOGIN", "guest");
    fields.put("PASSWORD", "guest");
    ByteBuf table = Unpooled.buffer();
    new FieldWriter(table).table(fields);
    byte[] response = ByteBufUtil.getBytes(table, 4, table.readableBytes() - 4);
    RawClient client = started();
    client.send(0, new StartOk(Map.of(), "AMQPLAIN", response, "en_US"));
    client.next(Tune.class);
  }

  @Test
  @Tag("amqp091:authentication_failure_close")
  void aRefusedLoginIsToldToWhoUnderstandsIt() {
    RawClient client = started();
    client.send(0, RawClient.plain("guest", "wrong", Map.of("authentication_failure_close", true)));
    assertClosed(client, ReplyCode.ACCESS_REFUSED);
    assertThat(failed(ReplyCode.ACCESS_REFUSED)).isEqualTo(1);
    assertThat(broker.broker().metrics().value("logins.refused")).isEqualTo(1);
  }

  @Test
  @Tag("amqp091:authentication_failure_close")
  void aRefusedLoginClosesTheConnectionOfWhoDoesNot() {
    RawClient client = started();
    client.send(0, RawClient.plain("guest", "wrong", Map.of()));
    assertThat(client.silent()).isTrue();
    assertThat(client.closed()).isTrue();
    assertThat(failed(ReplyCode.ACCESS_REFUSED)).isEqualTo(1);
  }

  @Test
  void anUnknownMechanismIsAnInvalidCommand() {
    RawClient client = started();
    client.send(0, new StartOk(Map.of(), "MAGIC", new byte[0], "en_US"));
    assertClosed(client, ReplyCode.COMMAND_INVALID);
  }

  @ParameterizedTest
  @ValueSource(strings = {"PLAIN", "AMQPLAIN"})
  void aResponseThatIsNoneIsASyntaxError(String mechanism) {
    RawClient client = started();
    client.send(0, new StartOk(Map.of(), mechanism, new byte[0], "en_US"));
    assertClosed(client, ReplyCode.SYNTAX_ERROR);
  }

  @Test
  void whoDoesNotLogInInTimeIsLetGo() {
    RawClient client = started();
    broker.advance(Duration.ofMillis(Limit.CONNECT_TIMEOUT_MS.byDefault() + 1));
    assertThat(client.closed()).isTrue();
  }

  // ---- limits

  @Test
  @Tag("amqp091:connection.tune")
  void theLimitsAreOffered() {
    RawClient client = started();
    client.send(0, guest());
    assertThat(client.next(Tune.class)).isEqualTo(new Tune(CHANNELS, FRAME_BYTES, 60));
  }

  @ParameterizedTest
  @CsvSource({"21,8192", "0,8192", "20,8193", "20,0", "20,4095"})
  void whatIsNotInTheLimitsIsNotAllowed(int channels, long frameBytes) {
    RawClient client = loggedIn();
    client.send(0, new TuneOk(channels, frameBytes, 0));
    assertClosed(client, ReplyCode.NOT_ALLOWED);
  }

  @Test
  @Tag("amqp091:connection.tune-ok")
  void framesAreAsLargeAsAgreed() {
    RawClient client = RawClient.open(broker, new TuneOk(1, 4_096, 0)).channel(1);
    byte[] body = new byte[10_000];
    Arrays.fill(body, (byte) 7);
    client.send(1, new QueueMethod.Declare("q", false, false, false, false, true, Map.of()));
    client.bytes(RawClient.content(1, publish("q"), new byte[2], body, 4_088));
    client.send(1, new BasicMethod.Get("q", true));
    client.next(BasicMethod.GetOk.class);
    assertThat(client.nextFrame().type()).isEqualTo(FrameReader.HEADER);
    assertThat(client.nextFrame().bytes()).hasSize(4_088);
    assertThat(client.nextFrame().bytes()).hasSize(4_088);
    assertThat(client.nextFrame().bytes()).hasSize(10_000 - 2 * 4_088);

    client.bytes(RawClient.content(1, publish("q"), new byte[2], body, 4_096));
    client.bytes(RawClient.content(1, publish("q"), new byte[2], body, 4_097));
    assertThat(client.next(Close.class).code()).isEqualTo(ReplyCode.FRAME_ERROR.code());
  }

  private static BasicMethod.Publish publish(String queue) {
    return new BasicMethod.Publish("", RoutingKey.ofKey(queue), false, false);
  }

  @Test
  void aChannelAboveTheAgreedNumberIsNotAllowed() {
    RawClient client = RawClient.open(broker, new TuneOk(2, FRAME_BYTES, 0));
    client.channel(2);
    client.send(3, new ChannelMethod.Open());
    assertClosed(client, ReplyCode.NOT_ALLOWED);
  }

  // ---- opening

  @Test
  @Tag("amqp091:connection.open")
  void anUnknownVirtualHostIsNotAllowed() {
    RawClient client = loggedIn();
    client.send(0, new TuneOk(CHANNELS, FRAME_BYTES, 0), new ConnectionMethod.Open("none"));
    assertClosed(client, ReplyCode.NOT_ALLOWED);
  }

  @Test
  void stepsAreNotTakenOutOfOrder() {
    RawClient client = started();
    client.send(0, new ConnectionMethod.Open("/"));
    assertClosed(client, ReplyCode.CHANNEL_ERROR);
  }

  @Test
  void noChannelIsUsedBeforeTheConnectionIsOpen() {
    RawClient client = loggedIn();
    client.send(1, new ChannelMethod.Open());
    assertClosed(client, ReplyCode.UNEXPECTED_FRAME);
  }

  @Test
  void aMethodThatCannotBeReadIsAFrameErrorAndHasNoStackTrace() {
    RawClient client = started();
    client.bytes(RawClient.frame(FrameReader.METHOD, 0, (byte) 0, (byte) 10, (byte) 0, (byte) 11));
    assertClosed(client, ReplyCode.FRAME_ERROR);
    assertThat(new AmqpException(ReplyCode.FRAME_ERROR, "x").getStackTrace()).isEmpty();
    assertThat(broker.broker().metrics().value("connections.closed{reason=error}")).isZero();
  }

  @Test
  void aClientMayLeaveInTheMiddle() {
    RawClient client = loggedIn();
    client.send(0, new Close(200, "changed my mind", 0, 0));
    client.next(ConnectionMethod.CloseOk.class);
    assertThat(client.closed()).isTrue();
  }
}
