package io.carrick.mqtt;

/**
 * Where an endpoint leads. Immutable.
 *
 * @param server of its virtual host
 * @param others where else clients may want to go
 * @param open whether they may: an endpoint with a virtual host of its own leads nowhere else
 */
record Entrance(MqttServer server, MqttServers others, boolean open) {

  /**
   * Where a client wants to go, and as whom. Immutable.
   *
   * @param server of the virtual host
   * @param user without the virtual host in front
   * @param allowed whether the endpoint leads there
   */
  record Login(MqttServer server, String user, boolean allowed) {}

  /**
   * Reads a user name, which may begin with a virtual host as RabbitMQ's users write it: {@code
   * vhost:user}. It does if there is a virtual host of what stands in front of the last colon.
   */
  Login read(String name) {
    int colon = name.lastIndexOf(':');
    if (colon > 0) {
      MqttServer there = others.find(name.substring(0, colon));
      if (there != null) {
        return new Login(there, name.substring(colon + 1), open || there == server);
      }
    }
    return new Login(server, name, true);
  }
}
