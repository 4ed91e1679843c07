package io.carrick.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Source;
import io.carrick.testing.BrokerExtension;
import io.carrick.testing.MessageProbe;
import io.carrick.transport.LocalPeer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The adapter of docs/extending.md, in the test's own thread. */
class LinesTest {

  // snippet
  @RegisterExtension
  final BrokerExtension broker = BrokerExtension.with(new Lines()).inTestThread();

  @Test
  void aLineThatComesInTwoPiecesIsPublishedOnce() {
    MessageProbe probe = broker.probe(Source.topic("#"));
    LocalPeer peer = broker.peer("lines");

    peer.send("attic.temp 19".getBytes(StandardCharsets.UTF_8));
    probe.expectNothing();
    peer.send(".5\n".getBytes(StandardCharsets.UTF_8));

    assertThat(probe.take().message().text()).isEqualTo("19.5");
    probe.expectNothing();
  }

  // end

  @Test
  void aLineWithoutATextEndsTheConnection() {
    LocalPeer peer = broker.peer("lines");
    peer.send("nonsense\n".getBytes(StandardCharsets.UTF_8));
    assertThat(peer.closed()).isTrue();
  }
}
