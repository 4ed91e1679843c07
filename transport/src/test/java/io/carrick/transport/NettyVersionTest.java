package io.carrick.transport;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NettyVersionTest {

  @Test
  void theNettyThatWeAreBuiltWithIsNewEnough() {
    assertThatCode(NettyVersion::check).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource({
    "netty-common, io.netty.util.concurrent.Ticker",
    "netty-transport, io.netty.channel.ManualIoEventLoop",
    "netty-transport-classes-epoll, io.netty.channel.epoll.EpollIoHandler",
  })
  void anOlderOneIsRefusedWithTheNameOfTheArtifactToUse(String artifact, String type) {
    assertThatIllegalStateException()
        .isThrownBy(() -> NettyVersion.check(new Without(type)))
        .withMessageContaining("class path has " + artifact + " 4.")
        .withMessageContaining("Depend on io.carrick:carrick instead");
  }

  /** Sees all that the tests see but for one type. */
  private static final class Without extends ClassLoader {

    private final String missing;

    Without(String missing) {
      super(NettyVersionTest.class.getClassLoader());
      this.missing = missing;
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (name.equals(missing)) {
        throw new ClassNotFoundException(name);
      }
      return super.loadClass(name, resolve);
    }
  }
}
