package io.carrick;

import java.util.concurrent.CompletionStage;
import java.util.function.UnaryOperator;

/**
 * The users that a broker keeps, for an administrator of the whole broker. Like {@link Admin},
 * whose rules for threads, pages and failures hold here too. Everything fails with {@link
 * PreconditionFailedException} if the builder was given no {@link Users}.
 *
 * <p>What a user may do changes at once for who is connected, its tags with its next login.
 */
public interface UserAdmin {

  /** Lists users, by name. */
  CompletionStage<Page<User>> list(Selection which);

  /**
   * Adds a user, or takes another value for the one of that name. Fails with {@link
   * PreconditionFailedException} for one user too many.
   *
   * @return completes when it is in force and stored, as of all changes
   */
  CompletionStage<Void> put(User user);

  /**
   * Changes a user; no other change comes between. Fails with {@link NotFoundException} if there is
   * none of that name.
   *
   * @param change makes the new value, which keeps the name; it is called in a loop, must not
   *     block, and may throw a {@link BrokerException}
   */
  CompletionStage<Void> change(String name, UnaryOperator<User> change);

  /**
   * Deletes a user and closes its connections. Fails with {@link NotFoundException} if there is
   * none of that name.
   */
  CompletionStage<Void> delete(String name);
}
