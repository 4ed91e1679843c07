package io.carrick.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a store keeps of MQTT's objects. */
class MqttFormsTest {

  private final MqttForms forms = new MqttForms();

  @ParameterizedTest
  @CsvSource({"0,false", "1,false", "2,false", "0,true", "1,true", "2,true"})
  void propertiesAndTagsComeBackAsTheSameObjects(int qos, boolean retain) {
    MqttProperties properties = MqttProperties.of(qos, retain);
    DeliveryTag tag = DeliveryTag.of(qos, retain);

    assertThat(forms.knows(properties)).isTrue();
    assertThat(forms.knows(tag)).isTrue();
    assertThat(forms.decode(forms.encode(properties))).isSameAs(properties);
    assertThat(forms.decode(forms.encode(tag))).isSameAs(tag);
  }

  @Test
  void theAdmissionOfASessionComesBack() {
    var admission = new Session("client", true, null).admission();

    assertThat(forms.knows(admission)).isTrue();
    assertThat(forms.decode(forms.encode(admission))).isSameAs(admission);
  }

  @Test
  void whatIsNotMqttsIsLeftToOthers() {
    assertThat(forms.knows("text")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\2", "\2\3\0", "\7\1\1", "\1\1"})
  void whatItHasNotWrittenIsRefused(String bytes) {
    assertThatThrownBy(() -> forms.decode(bytes.getBytes()))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
