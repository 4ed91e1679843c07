package io.carrick.benchmarks.load;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;

/** TLS by the JDK's engine. Confined to the thread of its link. */
final class TlsWire implements Wire {

  private static final int RECORDS = 4;

  private final SocketChannel socket;
  private final SSLEngine engine;
  private final ByteBuffer received;
  private final ByteBuffer plain;
  private final ByteBuffer sealed;

  /** Shakes hands over a socket that blocks. */
  TlsWire(SocketChannel socket, SSLContext tls) throws IOException {
    this.socket = socket;
    engine = tls.createSSLEngine(); // without the broker's name nothing is kept to be resumed
    engine.setUseClientMode(true);
    int record = engine.getSession().getPacketBufferSize();
    received = ByteBuffer.allocate(RECORDS * record).flip();
    plain = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize()).flip();
    sealed = ByteBuffer.allocate(record).flip();
    shakeHands();
  }

  private void shakeHands() throws IOException {
    engine.beginHandshake();
    HandshakeStatus next = engine.getHandshakeStatus();
    while (next != HandshakeStatus.NOT_HANDSHAKING && next != HandshakeStatus.FINISHED) {
      switch (next) {
        case NEED_TASK -> runTasks();
        case NEED_WRAP -> seal(ByteBuffer.allocate(0));
        default -> {
          if (unseal() == Status.BUFFER_UNDERFLOW && receive() < 0) {
            throw new EOFException("the broker has closed the connection in its handshake");
          }
        }
      }
      next = engine.getHandshakeStatus();
    }
  }

  private void runTasks() {
    for (Runnable task = engine.getDelegatedTask();
        task != null;
        task = engine.getDelegatedTask()) {
      task.run();
    }
  }

  private void seal(ByteBuffer out) throws IOException {
    engine.wrap(out, sealed.clear());
    socket.write(sealed.flip());
  }

  /** Opens the next record if it is whole and what was in the last one has been taken. */
  private Status unseal() throws IOException {
    SSLEngineResult result = engine.unwrap(received, plain.clear());
    plain.flip();
    if (result.getStatus() == Status.CLOSED) {
      throw new EOFException("the broker has closed the connection");
    }
    return result.getStatus();
  }

  private int receive() throws IOException {
    received.compact();
    int read = socket.read(received);
    received.flip();
    return read;
  }

  @Override
  public int read(ByteBuffer in) throws IOException {
    int before = in.position();
    int fromSocket = 1;
    while (in.hasRemaining() && fromSocket > 0) {
      if (plain.hasRemaining()) {
        int length = Math.min(in.remaining(), plain.remaining());
        in.put(plain.slice(plain.position(), length));
        plain.position(plain.position() + length);
      } else if (unseal() == Status.BUFFER_UNDERFLOW) {
        if (in.position() > before) {
          break; // a socket that blocks is asked only if there is nothing
        }
        fromSocket = receive();
      }
    }
    return fromSocket < 0 ? -1 : in.position() - before;
  }

  @Override
  public boolean write(ByteBuffer out) throws IOException {
    socket.write(sealed);
    while (out.hasRemaining() && !sealed.hasRemaining()) {
      seal(out);
    }
    return !sealed.hasRemaining() && !out.hasRemaining();
  }

  /** Returns the version, the cipher suite and the key of the broker's certificate. */
  String terms() throws IOException {
    var certificate = (X509Certificate) engine.getSession().getPeerCertificates()[0];
    String key = certificate.getPublicKey().getAlgorithm();
    if (certificate.getPublicKey() instanceof RSAPublicKey rsa) {
      key += " " + rsa.getModulus().bitLength();
    } else if (certificate.getPublicKey() instanceof ECPublicKey ec) {
      key += " " + ec.getParams().getCurve().getField().getFieldSize();
    }
    return "%s %s, %s"
        .formatted(engine.getSession().getProtocol(), engine.getSession().getCipherSuite(), key);
  }
}
