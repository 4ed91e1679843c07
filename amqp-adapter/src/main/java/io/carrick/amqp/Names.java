package io.carrick.amqp;

/** How names arrive. Stateless. */
final class Names {

  private Names() {}

  /** Returns a name without line ends, which RabbitMQ takes out of names as well. */
  static String clean(String name) {
    if (name.indexOf('\r') < 0 && name.indexOf('\n') < 0) {
      return name;
    }
    return name.replace("\r", "").replace("\n", "");
  }
}
