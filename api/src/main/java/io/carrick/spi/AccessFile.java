package io.carrick.spi;

import io.carrick.Identity;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An access file that may change while the broker runs: what it said last counts, for who is
 * connected as well. Its lines are those of {@link AccessRules}. Thread-safe.
 */
public final class AccessFile implements Authorizer {

  /** A larger file is none. */
  private static final long MOST_BYTES = 16 << 20;

  private final Path path;
  private final String anonymous;
  private final AtomicInteger version = new AtomicInteger();
  private volatile AccessRules rules;

  private AccessFile(Path path, String anonymous, AccessRules rules) {
    this.path = path;
    this.anonymous = anonymous;
    this.rules = rules;
  }

  /**
   * Reads a file.
   *
   * @param anonymous the user that stands for those who give no name; empty for nobody
   * @throws IOException when it cannot be read or has a line that is none, with a message fit for a
   *     user
   */
  public static AccessFile open(Path path, String anonymous) throws IOException {
    return new AccessFile(path, anonymous, read(path, anonymous));
  }

  private static AccessRules read(Path path, String anonymous) throws IOException {
    try {
      if (Files.size(path) > MOST_BYTES) {
        throw new IOException("access file " + path + " is larger than " + MOST_BYTES + " bytes");
      }
      return AccessRules.of(Files.readString(path)).anonymous(anonymous);
    } catch (IllegalArgumentException wrong) {
      throw new IOException("access file " + path + ", " + wrong.getMessage(), wrong);
    } catch (NoSuchFileException absent) {
      throw new IOException("access file " + path + " is not there", absent);
    } catch (CharacterCodingException noText) {
      throw new IOException("access file " + path + " is not UTF-8", noText);
    }
  }

  /**
   * Reads the file again. Blocks.
   *
   * @throws IOException as {@link #open} does; then what it said before goes on
   */
  public void reload() throws IOException {
    rules = read(path, anonymous);
    version.incrementAndGet();
  }

  @Override
  public boolean allows(Identity who, Action action, Resource resource) {
    return rules.allows(who, action, resource);
  }

  @Override
  public boolean filters() {
    return true;
  }

  @Override
  public boolean allowsPart(Identity who, Action action, Resource topics) {
    return rules.allowsPart(who, action, topics);
  }

  @Override
  public boolean allowsEverything(Identity who, String virtualHost) {
    return rules.allowsEverything(who, virtualHost);
  }

  @Override
  public int version() {
    return version.get();
  }
}
