package io.carrick;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Users and what is kept of their passwords, a line for each: {@code name:hash}. A hash is the
 * {@linkplain PasswordHash#text text} of one, so a file of {@code mosquitto_passwd} is one of
 * these. Empty lines and those that begin with {@code #} say nothing. Immutable.
 */
public final class PasswordFile {

  /** A larger file is none. */
  private static final long MOST_BYTES = 64 << 20;

  private static final String OWNER_ONLY = "rw-------";

  private final List<String> lines;
  private final Map<String, PasswordHash> hashes;

  private PasswordFile(List<String> lines, Map<String, PasswordHash> hashes) {
    this.lines = List.copyOf(lines);
    this.hashes = hashes;
  }

  /** One without users. */
  public static PasswordFile empty() {
    return of("");
  }

  /**
   * Reads what is in a file.
   *
   * @throws IllegalArgumentException for a line that is none, which the message names by its number
   *     and shows nothing of
   */
  public static PasswordFile of(String text) {
    List<String> lines = text.lines().toList();
    var hashes = new LinkedHashMap<String, PasswordHash>();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      int colon = line.indexOf(':');
      if (colon < 1) {
        throw new IllegalArgumentException("line " + (i + 1) + ": not a name, a colon and a hash");
      }
      String name = line.substring(0, colon);
      try {
        if (hashes.put(name, PasswordHash.parse(line.substring(colon + 1))) != null) {
          throw new IllegalArgumentException("user '" + name + "' is there already");
        }
      } catch (IllegalArgumentException wrong) {
        throw new IllegalArgumentException("line " + (i + 1) + ": " + wrong.getMessage(), wrong);
      }
    }
    return new PasswordFile(lines, hashes);
  }

  /**
   * Reads a file. Blocks.
   *
   * @throws IOException when it cannot be read or has a line that is none, with a message fit for a
   *     user
   */
  public static PasswordFile read(Path path) throws IOException {
    try {
      if (Files.size(path) > MOST_BYTES) {
        throw new IOException("password file " + path + " is larger than " + MOST_BYTES + " bytes");
      }
      return of(Files.readString(path));
    } catch (IllegalArgumentException wrong) {
      throw new IOException("password file " + path + ", " + wrong.getMessage(), wrong);
    } catch (NoSuchFileException absent) {
      throw new IOException("password file " + path + " is not there", absent);
    } catch (CharacterCodingException noText) {
      throw new IOException("password file " + path + " is not UTF-8", noText);
    }
  }

  /** Returns who is in it, in its order. */
  public List<String> names() {
    return List.copyOf(hashes.keySet());
  }

  /** Returns what is kept of a user's password; empty if there is no such user. */
  public Optional<PasswordHash> hash(String name) {
    return Optional.ofNullable(hashes.get(name));
  }

  /**
   * Checks a user's name.
   *
   * @throws IllegalArgumentException for one that a line cannot have: an empty one, one with a
   *     colon or a control character, with a {@code #} in front or blanks around
   */
  public static void checkName(String name) {
    boolean wrong = name.isEmpty() || name.indexOf(':') >= 0 || name.startsWith("#");
    if (wrong || !name.strip().equals(name) || name.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException("a line cannot begin with a user '" + name + "'");
    }
  }

  /**
   * Returns the same with a user, whose line is that of one of the same name or else the last.
   *
   * @throws IllegalArgumentException as {@link #checkName} does
   */
  public PasswordFile with(String name, PasswordHash hash) {
    checkName(name);
    var all = new ArrayList<>(lines);
    String line = name + ":" + hash.text();
    int at = place(name);
    if (at < 0) {
      all.add(line);
    } else {
      all.set(at, line);
    }
    var more = new LinkedHashMap<>(hashes);
    more.put(name, hash);
    return new PasswordFile(all, more);
  }

  /** Returns the same without a user. */
  public PasswordFile without(String name) {
    int at = place(name);
    if (at < 0) {
      return this;
    }
    var fewer = new LinkedHashMap<>(hashes);
    fewer.remove(name);
    var all = new ArrayList<>(lines);
    all.remove(at);
    return new PasswordFile(all, fewer);
  }

  private int place(String name) {
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).strip().startsWith(name + ":")) {
        return i;
      }
    }
    return -1;
  }

  /** Returns what is in the file: who has it can try passwords on it. */
  public String text() {
    return lines.isEmpty() ? "" : String.join("\n", lines) + "\n";
  }

  /**
   * Writes a file in the place of one that may be there, at once, so that who reads it meanwhile
   * reads either of them whole; a new one is for its owner only. Blocks.
   */
  public void write(Path path) throws IOException {
    Path folder = path.toAbsolutePath().getParent();
    if (folder == null) {
      throw new IOException(path + " is no file");
    }
    boolean posix = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
    FileAttribute<?>[] mode =
        posix
            ? new FileAttribute<?>[] {
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(OWNER_ONLY))
            }
            : new FileAttribute<?>[0];
    Path made = Files.createTempFile(folder, "users", ".new", mode);
    try {
      Files.writeString(made, text());
      if (posix && Files.exists(path)) {
        Files.setPosixFilePermissions(made, Files.getPosixFilePermissions(path));
      }
      Files.move(made, path, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(made);
    }
  }

  /** Shows how many users there are. */
  @Override
  public String toString() {
    return "PasswordFile[" + hashes.size() + "]";
  }
}
