package io.carrick.engine.access;

import io.carrick.Identity;
import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.NotFoundException;
import io.carrick.PasswordHash;
import io.carrick.PasswordHash.Scram;
import io.carrick.PreconditionFailedException;
import io.carrick.User;
import io.carrick.Users;
import io.carrick.engine.definitions.Definitions;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.spi.Authenticator;
import io.carrick.spi.Authorizer;
import io.carrick.spi.Credentials;
import io.carrick.spi.Resource;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The users that one broker keeps. Thread-safe: changes are guarded by {@code this}, and noted in
 * the store in that order; asking takes no lock.
 */
public final class UserTable implements Authenticator, Authorizer {

  private static final String AMQP = "amqp";
  private static final String HMAC = "HmacSHA256";
  private static final int KEY_BYTES = 32;
  private static final int SALT_BYTES = 16;

  /** A hash that no password is known to have. */
  private static final String NO_ONES =
      "scram-sha-256$%d$AAAAAAAAAAAAAAAAAAAAAA==$%2$s$%2$s"
          .formatted(PasswordHash.ITERATIONS, "A".repeat(43) + "=");

  private final Users rules;
  private final Definitions definitions;
  private final Limits limits;
  private final ConcurrentSkipListMap<String, KnownUser> byName = new ConcurrentSkipListMap<>();
  private final AtomicInteger version = new AtomicInteger();

  /** Hashing is work for processors, of which the loops are to have some. */
  private final Semaphore hashing;

  /** For hashes that this process alone can make. */
  private final byte[] key = random();

  /** Of this the salts are made of users who are not there. */
  private volatile byte[] decoys = random();

  /** What a password is checked against of who is not there, so that it takes as long. */
  private final KnownUser nobody =
      new KnownUser(User.of("nobody").withPassword(PasswordHash.parse(NO_ONES)));

  /**
   * Makes the users of a broker, of whom there are none yet.
   *
   * @param rules who else may come in, and from where
   * @param definitions what the store has of them
   */
  public UserTable(Users rules, Definitions definitions, Limits limits) {
    this.rules = rules;
    this.definitions = definitions;
    this.limits = limits;
    this.hashing = new Semaphore(Math.max(1, Runtime.getRuntime().availableProcessors() / 2));
  }

  private static byte[] random() {
    byte[] random = new byte[KEY_BYTES];
    new SecureRandom().nextBytes(random);
    return random;
  }

  /** Takes a user as the store or the builder has it. */
  public void restore(User user) {
    byName.put(user.name(), new KnownUser(user));
  }

  // ---- who it is

  @Override
  public Optional<Identity> authenticate(Credentials shown) {
    Optional<String> certified = shown.certificateCommonName();
    if (shown.user().isEmpty() && certified.isPresent()) {
      KnownUser named = byName.get(certified.get());
      return named != null ? admitted(named, shown) : stranger(shown);
    }
    KnownUser known = byName.get(shown.user());
    if (known == null && (shown.user().isEmpty() || mayBeStranger(shown))) {
      return stranger(shown);
    }
    // Who has no password takes as long as who is not there.
    KnownUser asked = known != null && known.hasPassword() ? known : nobody;
    boolean right = hasPassword(asked, shown.password());
    return right && known != null ? admitted(known, shown) : Optional.empty();
  }

  /** A password is one until it is changed. */
  @Override
  public boolean secretsExpire() {
    return false;
  }

  private boolean hasPassword(KnownUser user, byte[] password) {
    byte[] quick = quickHash(password);
    if (user.wasRight(quick)) {
      return true; // without waiting for those who try wrong ones
    }
    hashing.acquireUninterruptibly();
    try {
      return user.hasPassword(password, quick);
    } finally {
      hashing.release();
    }
  }

  private byte[] quickHash(byte[] password) {
    return hmac(key, password);
  }

  private static byte[] hmac(byte[] key, byte[] text) {
    try {
      Mac mac = Mac.getInstance(HMAC);
      mac.init(new SecretKeySpec(key, HMAC));
      return mac.doFinal(text);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JVM has no HMAC with SHA-256", e);
    }
  }

  /** Lets somebody in who has shown to be a user, if it comes from where it may. */
  private Optional<Identity> admitted(KnownUser user, Credentials shown) {
    return shown.remoteLoopback() || !rules.loopbackOnly().contains(user.user().name())
        ? Optional.of(user.identity())
        : Optional.empty();
  }

  private static boolean certified(Credentials shown) {
    return !shown.certificates().isEmpty();
  }

  private boolean mayBeStranger(Credentials shown) {
    boolean near = shown.remoteLoopback() || rules.areStrangersFromAnywhere();
    return rules.strangers().isPresent()
        && (shown.user().isEmpty() || !rules.areStrangersWithoutName())
        && (certified(shown) || (near && !shown.protocol().equals(AMQP)));
  }

  /** A certificate comes from anywhere, whatever is said of the user. */
  private Optional<Identity> stranger(Credentials shown) {
    return mayBeStranger(shown)
        ? rules.strangers().map(byName::get).map(KnownUser::identity)
        : Optional.empty();
  }

  /** Takes from the store of what the salts of nobody are made. */
  public void restoreDecoys(byte[] secret) {
    decoys = secret.clone();
  }

  /** Returns what a client has to prove to know of who is not there: it is always the same. */
  Scram decoy(String user) {
    byte[] salt = Arrays.copyOf(hmac(decoys, user.getBytes(StandardCharsets.UTF_8)), SALT_BYTES);
    return new Scram(salt, PasswordHash.ITERATIONS, new byte[KEY_BYTES], new byte[KEY_BYTES]);
  }

  /** Returns what a client has to prove to know; empty if nobody can. */
  Optional<Scram> scram(String user) {
    return Optional.ofNullable(byName.get(user))
        .flatMap(known -> known.user().password())
        .flatMap(PasswordHash::scram);
  }

  /** Lets somebody in who has proved to be a user in another way. */
  Optional<Identity> proved(String user, Credentials shown) {
    return Optional.ofNullable(byName.get(user)).flatMap(known -> admitted(known, shown));
  }

  // ---- what it may do

  @Override
  public boolean allows(Identity who, Action action, Resource resource) {
    KnownUser user = byName.get(who.user());
    if (user == null) {
      return false;
    } else if (action == Action.ADMINISTER) {
      return user.user().tags().contains(Identity.ADMINISTRATOR);
    }
    HostRights rights = user.in(resource.virtualHost());
    return rights != null && rights.allows(who, action, resource);
  }

  @Override
  public boolean allowsEverything(Identity who, String virtualHost) {
    KnownUser user = byName.get(who.user());
    HostRights rights = user == null ? null : user.in(virtualHost);
    return rights != null && rights.everything();
  }

  @Override
  public int version() {
    return version.get();
  }

  // ---- changes

  /** Goes through the users from a name on, in order; sees later changes or not. */
  public Iterator<User> from(String name, boolean inclusive) {
    Iterator<KnownUser> known = byName.tailMap(name, inclusive).values().iterator();
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return known.hasNext();
      }

      @Override
      public User next() {
        return known.next().user();
      }
    };
  }

  /**
   * Adds a user, or takes another value for the one of that name.
   *
   * @return the store's sequence of it, 0 if nothing was stored
   * @throws PreconditionFailedException for one too many, and when nothing can be stored
   */
  public synchronized long put(User user, LoopContext here) {
    if (!byName.containsKey(user.name()) && byName.size() >= limits.value(Limit.USERS)) {
      throw new PreconditionFailedException(
          "user limit of %d is reached".formatted(limits.value(Limit.USERS)));
    }
    return replace(user, here);
  }

  private long replace(User user, LoopContext here) {
    mayStore(here);
    long sequence = definitions.user(here, user);
    byName.put(user.name(), new KnownUser(user));
    version.incrementAndGet();
    return sequence;
  }

  private void mayStore(LoopContext here) {
    if (definitions.kept() && !here.storeTakes()) {
      throw LoopContext.storeUnavailable();
    }
  }

  /**
   * Changes a user.
   *
   * @throws NotFoundException if there is none
   */
  public synchronized long change(String name, UnaryOperator<User> change, LoopContext here) {
    User changed = change.apply(named(name));
    if (!changed.name().equals(name)) {
      throw new PreconditionFailedException("a user keeps its name");
    }
    return replace(changed, here);
  }

  private User named(String name) {
    KnownUser known = byName.get(name);
    if (known == null) {
      throw new NotFoundException("no user '" + name + "'");
    }
    return known.user();
  }

  /**
   * Deletes a user.
   *
   * @throws NotFoundException if there is none
   */
  public synchronized long delete(String name, LoopContext here) {
    named(name);
    mayStore(here);
    long sequence = definitions.deleteUser(here, name);
    byName.remove(name);
    version.incrementAndGet();
    return sequence;
  }

  /** A virtual host has gone: nobody may do anything in it, also in a later one of that name. */
  public synchronized void forgetHost(String virtualHost, LoopContext here) {
    for (KnownUser known : byName.values()) {
      User user = known.user();
      if (user.permissions().containsKey(virtualHost)
          || user.topicPermissions().containsKey(virtualHost)) {
        replace(user.forbidden(virtualHost).anyTopic(virtualHost), here);
      }
    }
  }

  /** Notes the users that a broker begins with in a store that has never had any. */
  public synchronized void begin(LoopContext here) {
    byName.values().forEach(known -> definitions.user(here, known.user()));
    definitions.decoys(here, decoys);
    definitions.usersBegun(here);
  }
}
