package io.carrick.testing;

import io.carrick.Broker;
import io.carrick.Client;
import io.carrick.Source;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.transport.LocalPeer;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A started broker with what its tests have opened. Confined to the test's thread. */
final class Running {

  final Broker broker;
  final TestTime time;
  private final Deque<Scope> scopes = new ArrayDeque<>();

  private Running(Broker broker, TestTime time) {
    this.broker = broker;
    this.time = time;
    openScope();
  }

  static Running start(EmbeddedBroker.Builder description, TimeMode mode) {
    TestTime time = TestTime.of(mode);
    if (time.isVirtual()) {
      description.loops(time.virtual().loops());
    }
    return new Running(description.start(), time);
  }

  /** What is opened from now on is closed by the matching {@link #closeScope}. */
  void openScope() {
    scopes.push(new Scope());
  }

  void closeScope() {
    scopes.pop().close();
  }

  Client client() {
    return scope().client(broker);
  }

  MessageProbe probe(Source source) {
    return scope().add(MessageProbe.start(broker, source, time));
  }

  LocalPeer peer(InetSocketAddress address) {
    return scope().add(time.virtual().connect(address));
  }

  private Scope scope() {
    return scopes.getFirst();
  }

  void close() {
    try {
      while (!scopes.isEmpty()) {
        closeScope();
      }
    } finally {
      broker.close();
    }
  }

  /** What one test, or one class, has opened. */
  private static final class Scope {

    private final List<Opened> opened = new ArrayList<>();
    private @Nullable Client client;

    Client client(Broker broker) {
      Client there = client;
      if (there == null) {
        there = broker.connect();
        opened.add(there::close);
        client = there;
      }
      return there;
    }

    MessageProbe add(MessageProbe probe) {
      opened.add(probe::close);
      return probe;
    }

    LocalPeer add(LocalPeer peer) {
      opened.add(peer::close);
      return peer;
    }

    void close() {
      for (int i = opened.size() - 1; i >= 0; i--) {
        opened.get(i).close();
      }
    }
  }

  /** Something to close that does not throw. */
  @FunctionalInterface
  private interface Opened {
    void close();
  }
}
