package io.carrick.engine.administration;

import io.carrick.Page;
import io.carrick.PreconditionFailedException;
import io.carrick.Selection;
import io.carrick.User;
import io.carrick.UserAdmin;
import io.carrick.engine.access.UserTable;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.UnaryOperator;

/**
 * The administration of users. Immutable; everything happens in one loop or another.
 *
 * @param admin does it
 * @param kept the users, if the broker keeps any
 */
record UserDesk(BrokerAdmin admin, Optional<UserTable> kept) implements UserAdmin {

  private UserTable table() {
    return kept.orElseThrow(
        () -> new PreconditionFailedException("the broker keeps no users of its own"));
  }

  @Override
  public CompletionStage<Page<User>> list(Selection which) {
    return admin.list(
        which,
        i -> {
          i.rights().checkBroker();
          return i.named(table()::from, User::name);
        },
        i -> Inspection.one(user -> user));
  }

  @Override
  public CompletionStage<Void> put(User user) {
    return admin.changeBroker((here, done) -> here.whenDurable(table().put(user, here), done));
  }

  @Override
  public CompletionStage<Void> change(String name, UnaryOperator<User> change) {
    return admin.changeBroker(
        (here, done) -> here.whenDurable(table().change(name, change, here), done));
  }

  @Override
  public CompletionStage<Void> delete(String name) {
    return admin.changeBroker(
        (here, done) -> {
          long sequence = table().delete(name, here);
          admin.closeConnections(
              here,
              admin.connected(),
              client -> client.identity().user().equals(name),
              "user '" + name + "' was deleted");
          here.whenDurable(sequence, done);
        });
  }
}
