package io.carrick.benchmarks.load;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * What an AMQP client asks for before it publishes or receives, and undoes when it leaves.
 * Immutable once it is handed to its client.
 */
final class AmqpSetup {

  static final int NO_PRIORITY = -1;

  private static final int MOST_BYTES = 1_024;

  private final Login login;
  private final List<Step> steps = new ArrayList<>();
  private final List<Step> cleanUp = new ArrayList<>();
  private byte[] exchange = {};
  private byte[] key = {};
  private boolean persistent;
  private boolean confirms;
  private int together = 1;
  private int priority = NO_PRIORITY;
  private byte[] headers = {};
  private boolean acknowledges;

  AmqpSetup(Login login) {
    this.login = login;
  }

  /**
   * A method to send and its answer. Immutable.
   *
   * @param method its bytes, from the class id
   * @param sent whether it is on its way
   */
  record Step(byte[] method, boolean sent) {

    Step asSent() {
      return new Step(method, true);
    }

    /** Every answer has the number after its method's. */
    boolean answeredBy(int classId, int methodId) {
      ByteBuffer asked = ByteBuffer.wrap(method);
      return asked.getShort() == classId && asked.getShort() + 1 == methodId;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Step step && sent == step.sent && Arrays.equals(method, step.method);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(method);
    }
  }

  // ---- what a client is

  AmqpSetup publishesTo(String toExchange, String withKey, boolean asPersistent) {
    exchange = utf8(toExchange);
    key = utf8(withKey);
    persistent = asPersistent;
    return this;
  }

  AmqpSetup confirming() {
    confirms = true;
    steps.add(step(85, 10, out -> out.put((byte) 0)));
    return this;
  }

  /** Gives messages a priority. */
  AmqpSetup withPriority(int number) {
    priority = number;
    return this;
  }

  /** Gives messages {@link Headers}. */
  AmqpSetup withHeaders() {
    headers = Headers.AS_TABLE;
    return this;
  }

  /** Publishes in transactions of so many messages. */
  AmqpSetup inTransactionsOf(int messages) {
    together = messages;
    confirms = true; // by the answer to the commit
    steps.add(step(90, 10, out -> {}));
    return this;
  }

  AmqpSetup exchange(String name, String type) {
    steps.add(
        step(
            40,
            10,
            out -> {
              out.putShort((short) 0);
              shortString(out, utf8(name));
              shortString(out, utf8(type));
              out.put((byte) 0).putInt(0);
            }));
    return this;
  }

  /** Declares a queue and deletes it at the end. */
  AmqpSetup queue(String name, boolean durable) {
    return queue(name, durable, Map.of());
  }

  /** Declares a queue with arguments, texts and numbers, and deletes it at the end. */
  AmqpSetup queue(String name, boolean durable, Map<String, Object> arguments) {
    steps.add(
        step(
            50,
            10,
            out -> {
              out.putShort((short) 0);
              shortString(out, utf8(name));
              out.put((byte) (durable ? 2 : 0));
              table(out, arguments);
            }));
    cleanUp.add(
        step(
            50,
            40,
            out -> {
              out.putShort((short) 0);
              shortString(out, utf8(name));
              out.put((byte) 4); // no-wait
            }));
    return this;
  }

  /** Deletes an exchange at the end. */
  AmqpSetup deletingExchange(String name) {
    cleanUp.add(
        step(
            40,
            20,
            out -> {
              out.putShort((short) 0);
              shortString(out, utf8(name));
              out.put((byte) 2); // no-wait
            }));
    return this;
  }

  AmqpSetup bind(String queue, String toExchange, String withKey) {
    steps.add(
        step(
            50,
            20,
            out -> {
              out.putShort((short) 0);
              shortString(out, utf8(queue));
              shortString(out, utf8(toExchange));
              shortString(out, utf8(withKey));
              out.put((byte) 0).putInt(0);
            }));
    return this;
  }

  AmqpSetup consume(String queue, boolean withAcks, int prefetch, Map<String, Object> arguments) {
    acknowledges = withAcks;
    steps.add(step(60, 10, out -> out.putInt(0).putShort((short) prefetch).put((byte) 0)));
    steps.add(
        step(
            60,
            20,
            out -> {
              out.putShort((short) 0);
              shortString(out, utf8(queue));
              shortString(out, new byte[0]);
              out.put((byte) (withAcks ? 0 : 2));
              table(out, arguments);
            }));
    return this;
  }

  Login login() {
    return login;
  }

  List<Step> steps() {
    return steps;
  }

  List<Step> cleanUp() {
    return cleanUp;
  }

  byte[] exchange() {
    return exchange;
  }

  byte[] key() {
    return key;
  }

  boolean persistent() {
    return persistent;
  }

  boolean confirms() {
    return confirms;
  }

  /** Returns the header table of each message with its length; empty without one. */
  byte[] headers() {
    return headers;
  }

  int priority() {
    return priority;
  }

  /** Returns how many messages a transaction has; 1 without transactions. */
  int together() {
    return together;
  }

  boolean acknowledges() {
    return acknowledges;
  }

  @Override
  public String toString() {
    return "exchange '"
        + new String(exchange, StandardCharsets.UTF_8)
        + "' key '"
        + new String(key, StandardCharsets.UTF_8)
        + "'";
  }

  // ---- the connection's own methods

  static Step startOk(Login login) {
    return step(
        10,
        11,
        out -> {
          out.putInt(0);
          shortString(out, utf8("PLAIN"));
          byte[] response = utf8("\0" + login.user() + "\0" + login.password());
          out.putInt(response.length).put(response);
          shortString(out, utf8("en_US"));
        });
  }

  static Step tuneOk(short channels, int frameMax) {
    return step(10, 31, out -> out.putShort(channels).putInt(frameMax).putShort((short) 0));
  }

  static Step open() {
    return step(
        10,
        40,
        out -> {
          shortString(out, utf8("/"));
          out.put((byte) 0).put((byte) 0);
        });
  }

  static Step channelOpen() {
    return step(20, 10, out -> out.put((byte) 0));
  }

  static Step commit() {
    return step(90, 20, out -> {});
  }

  static Step connectionClose() {
    return step(
        10,
        50,
        out -> {
          out.putShort((short) 200);
          shortString(out, utf8("done"));
          out.putInt(0);
        });
  }

  // ---- bytes

  @FunctionalInterface
  private interface Arguments {
    void write(ByteBuffer out);
  }

  private static Step step(int classId, int methodId, Arguments arguments) {
    ByteBuffer out = ByteBuffer.allocate(MOST_BYTES);
    out.putShort((short) classId).putShort((short) methodId);
    arguments.write(out);
    return new Step(Arrays.copyOf(out.array(), out.position()), false);
  }

  private static void table(ByteBuffer out, Map<String, Object> fields) {
    int start = out.position();
    out.putInt(0);
    fields.forEach(
        (name, value) -> {
          shortString(out, utf8(name));
          if (value instanceof Integer number) {
            out.put((byte) 'I').putInt(number);
          } else {
            byte[] text = utf8(value.toString());
            out.put((byte) 'S').putInt(text.length).put(text);
          }
        });
    out.putInt(start, out.position() - start - Integer.BYTES);
  }

  static void shortString(ByteBuffer out, byte[] text) {
    out.put((byte) text.length).put(text);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
