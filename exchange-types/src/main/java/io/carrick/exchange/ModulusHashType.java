package io.carrick.exchange;

import io.carrick.spi.ExchangeType;
import java.util.Map;

/**
 * {@code x-modulus-hash}, of RabbitMQ's sharding plugin: each message goes to one of the bindings,
 * the one that the hash of its routing key names. Binding keys have no meaning, but a queue that is
 * bound with two of them counts twice. When a binding comes or goes most keys move. Stateless.
 */
final class ModulusHashType implements ExchangeType {

  @Override
  public String name() {
    return "x-modulus-hash";
  }

  @Override
  public RoutingTable newTable(Map<String, Object> arguments) {
    return new OneOfMany((count, key) -> (int) Long.remainderUnsigned(HashInput.ofKey(key), count));
  }
}
