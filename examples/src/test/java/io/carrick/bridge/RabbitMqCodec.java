package io.carrick.bridge;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.impl.AMQImpl;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;

/** What RabbitMQ's Java client reads and writes, without a connection. Stateless. */
final class RabbitMqCodec {

  private static final int BASIC = 60;

  /** Class, weight and size of the body, which stand in front of flags and properties. */
  private static final int BEFORE_FLAGS = 12;

  private RabbitMqCodec() {}

  /** Returns what a client gets that is sent these flags and properties. */
  static AMQP.BasicProperties read(byte[] image) {
    try {
      var frame = new ByteArrayOutputStream();
      var out = new DataOutputStream(frame);
      out.writeShort(BASIC);
      out.write(new byte[BEFORE_FLAGS - Short.BYTES]);
      out.write(image);
      var in = new DataInputStream(new ByteArrayInputStream(frame.toByteArray()));
      var read = (AMQP.BasicProperties) AMQImpl.readContentHeaderFrom(in);
      if (in.available() > 0) {
        throw new IOException(in.available() + " bytes behind the properties");
      }
      return read;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns flags and properties as a client sends them. */
  static byte[] written(AMQP.BasicProperties properties) {
    try {
      byte[] payload = properties.toFrame(1, 0).getPayload();
      return Arrays.copyOfRange(payload, BEFORE_FLAGS, payload.length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns flags and properties as a client sends them that passes on what it was sent. */
  static byte[] passedOn(byte[] image) {
    return written(read(image));
  }
}
