package io.carrick.transport;

import io.netty.handler.ssl.SslContext;
import io.netty.util.Mapping;
import org.jspecify.annotations.Nullable;

/**
 * What new connections begin their handshakes with. Immutable.
 *
 * @param first for who asks for no host
 * @param byHost for who asks for one; null if there is but one certificate for all
 */
record TlsContexts(SslContext first, @Nullable Mapping<String, SslContext> byHost) {}
