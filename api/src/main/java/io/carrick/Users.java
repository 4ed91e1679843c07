package io.carrick;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The users that a broker begins with, and who else may come in. Given to the builder, it makes the
 * broker keep users of its own: they tell who may log in and what each may do, and are changed
 * while it runs by {@link Admin#users()}. With a durable store, what is stored counts, and these
 * are the users of a store that has never had any. Immutable; each method returns a copy.
 */
public final class Users {

  private static final String GUEST = "guest";

  /** Of the password that everybody knows; made before, because a start is to be quick. */
  private static final String GUESTS_HASH =
      "scram-sha-256$10000$ST4R+Zev8KKv+Ppsy+YAGg==$pSKEKOyHjT7jvXhFo32mAkarwlxVy+oJ30paf8WHlRI="
          + "$up+IBO95iiLw2wJ8rKswSQEFcxB9IEpbfN3Jfh2llOM=";

  private final Map<String, User> byName;
  private final Set<String> loopbackOnly;
  private final Strangers strangers;
  private final boolean insteadOfStored;

  private Users(
      Map<String, User> byName,
      Set<String> loopbackOnly,
      Strangers strangers,
      boolean insteadOfStored) {
    this.byName = byName;
    this.loopbackOnly = loopbackOnly;
    this.strangers = strangers;
    this.insteadOfStored = insteadOfStored;
  }

  /**
   * Who comes in without being a user. Immutable.
   *
   * @param user as whom they act; empty if they are not let in
   * @param fromAnywhere whether they come from other machines, too
   * @param nameless whether only those are strangers who give no name
   */
  private record Strangers(Optional<String> user, boolean fromAnywhere, boolean nameless) {}

  /** No users; one that is called {@code guest} would come in from this machine only. */
  public static Users none() {
    return new Users(Map.of(), Set.of(GUEST), new Strangers(Optional.empty(), false, false), false);
  }

  /**
   * RabbitMQ's first user: {@code guest} with the password {@code guest}, an administrator who may
   * do everything in {@code /}, from this machine only.
   */
  public static Users guest() {
    User guest = User.of(GUEST).withPassword(PasswordHash.parse(GUESTS_HASH));
    return none().with(guest.tagged(Identity.ADMINISTRATOR).permitted("/"));
  }

  /** Returns the same and one user more, who takes the place of one of that name. */
  public Users with(User user) {
    var more = new LinkedHashMap<>(byName);
    more.put(user.name(), user);
    return new Users(more, loopbackOnly, strangers, insteadOfStored);
  }

  /** Returns the same, where a user comes in from this machine only. */
  public Users loopbackOnly(String user) {
    var more = new TreeSet<>(loopbackOnly);
    more.add(user);
    return new Users(byName, Set.copyOf(more), strangers, insteadOfStored);
  }

  /** Returns the same, where everybody may come in from anywhere, {@code guest} as well. */
  public Users fromAnywhere() {
    return new Users(byName, Set.of(), strangers, insteadOfStored);
  }

  /**
   * Returns the same, where who is not known acts as a user: whoever has shown a certificate that
   * its endpoint trusts and, from this machine, whoever comes by a protocol other than AMQP. Who
   * says the name of a user has to say its password as well.
   */
  public Users strangersActAs(String user) {
    return with(new Strangers(Optional.of(user), strangers.fromAnywhere, strangers.nameless));
  }

  /**
   * Returns the same, where strangers come in from other machines, too, and without a certificate:
   * whoever can reach an endpoint of another protocol than AMQP.
   */
  public Users strangersFromAnywhere() {
    return with(new Strangers(strangers.user, true, strangers.nameless));
  }

  /** Returns the same, where who gives a name has to be the user of that name. */
  public Users strangersWithoutName() {
    return with(new Strangers(strangers.user, strangers.fromAnywhere, true));
  }

  private Users with(Strangers others) {
    return new Users(byName, loopbackOnly, others, insteadOfStored);
  }

  /**
   * Returns the same, where these are the users whatever a store has: who is not among them is none
   * any more, and their passwords are these. Of those whom the store has as well, tags and
   * permissions are the stored ones.
   */
  public Users insteadOfStored() {
    return new Users(byName, loopbackOnly, strangers, true);
  }

  /** Returns the users. */
  public List<User> all() {
    return List.copyOf(byName.values());
  }

  /** Returns the names of those who come in from this machine only. */
  public Set<String> loopbackOnly() {
    return loopbackOnly;
  }

  /** Returns as whom strangers act; empty if they are not let in. */
  public Optional<String> strangers() {
    return strangers.user;
  }

  /** Returns whether strangers come in from other machines, too. */
  public boolean areStrangersFromAnywhere() {
    return strangers.fromAnywhere;
  }

  /** Returns whether only those are strangers who give no name. */
  public boolean areStrangersWithoutName() {
    return strangers.nameless;
  }

  /** Returns whether these are the users whatever a store has. */
  public boolean areInsteadOfStored() {
    return insteadOfStored;
  }
}
