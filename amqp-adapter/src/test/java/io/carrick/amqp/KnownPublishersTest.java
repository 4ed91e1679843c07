package io.carrick.amqp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Guarantee;
import io.carrick.Identity;
import io.carrick.MessageProperties;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class KnownPublishersTest {

  private static final MessageProperties AT_MOST_ONCE =
      new MessageProperties() {
        @Override
        public Guarantee guarantee() {
          return Guarantee.AT_MOST_ONCE;
        }
      };

  private final KnownPublishers known = new KnownPublishers();

  private static List<Identity> devices(int count) {
    var devices = new ArrayList<Identity>();
    for (int i = 0; i < count; i++) {
      devices.add(new Identity("", "device-" + i));
    }
    return devices;
  }

  /** Returns how many images are made for messages of all of them. */
  private int made(List<Identity> devices) {
    Set<Integer> before = new HashSet<>();
    devices.forEach(d -> before.add(System.identityHashCode(known.image(AT_MOST_ONCE, d))));
    int again = 0;
    for (Identity device : devices) {
      again += before.contains(System.identityHashCode(known.image(AT_MOST_ONCE, device))) ? 0 : 1;
    }
    return again;
  }

  @Test
  void aDeviceIsConvertedOnceForAllItsMessages() {
    Identity device = new Identity("", "device");
    byte[] image = known.image(AT_MOST_ONCE, device);

    assertThat(known.image(AT_MOST_ONCE, device)).isSameAs(image);
  }

  @Test
  void hundredsOfDevicesFindRoomForMostOfThem() {
    List<Identity> devices = devices(500);
    for (int message = 0; message < 20; message++) {
      devices.forEach(device -> known.image(AT_MOST_ONCE, device));
    }

    assertThat(made(devices)).isLessThan(250);
  }

  @Test
  void veryManyMakeRoomForOneAnother() {
    List<Identity> devices = devices(50_000);
    for (int message = 0; message < 2; message++) {
      devices.forEach(
          device ->
              assertThat(new String(known.image(AT_MOST_ONCE, device), ISO_8859_1))
                  .contains(device.clientId()));
    }
  }
}
