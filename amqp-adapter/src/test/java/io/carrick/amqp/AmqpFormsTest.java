package io.carrick.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.Message;
import io.carrick.amqp.codec.AmqpProperties;
import io.carrick.amqp.codec.FieldReader;
import io.carrick.amqp.codec.PropertiesImage;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a store keeps of AMQP's objects. */
class AmqpFormsTest {

  private final AmqpForms forms = new AmqpForms();

  @Test
  void propertiesComeBackByteForByte() {
    Message message =
        Message.builder("")
            .persistent()
            .correlationId("id")
            .header("nested", Map.of("list", List.of(1, "two")))
            .build();
    byte[] image = PropertiesImage.of(message.properties(), Map.of());
    AmqpProperties properties = AmqpProperties.of(image, new FieldReader(32));

    Object back = forms.decode(forms.encode(properties));

    assertThat(forms.knows(properties)).isTrue();
    assertThat(back).isInstanceOf(AmqpProperties.class);
    assertThat(((AmqpProperties) back).image()).isEqualTo(image);
    assertThat(((AmqpProperties) back).headers()).isEqualTo(message.properties().headers());
  }

  @Test
  void whatIsNotAmqpsIsLeftToOthers() {
    assertThat(forms.knows(Message.of("").properties())).isFalse();
  }

  @Test
  void bytesThatAreNoPropertiesAreRefused() {
    assertThatThrownBy(() -> forms.decode(new byte[] {(byte) 0xFF, (byte) 0xFF}))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
