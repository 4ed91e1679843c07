package io.carrick.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Broker;
import io.carrick.Client;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.exchange.ExchangeTypes;
import io.carrick.spi.ExchangeType;
import org.junit.jupiter.api.Test;

/** What is quoted in exchange-types.md. */
class ExchangeTypesTest {

  private final String text = Documents.text(Documents.root().resolve("docs/exchange-types.md"));

  @Test
  void everyTypeIsThereForWhoeverAsksForAll() {
    // snippet
    Broker broker = EmbeddedBroker.builder().exchangeTypes(ExchangeTypes.all()).start();
    // end
    try (broker;
        Client client = broker.connect()) {
      for (ExchangeType type : ExchangeTypes.all()) {
        client
            .topology()
            .exchange("of-" + type.name(), type.name())
            .argument("x-delayed-type", "topic")
            .declare();
        assertThat(text).contains("`" + type.name() + "`");
      }
    }
  }
}
