package io.carrick.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Broker;
import io.carrick.Identity;
import io.carrick.PasswordFile;
import io.carrick.PasswordHash;
import io.carrick.Permissions;
import io.carrick.Selection;
import io.carrick.TopicPermissions;
import io.carrick.User;
import io.carrick.UserAdmin;
import io.carrick.Users;
import io.carrick.amqp.Amqp;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.mqtt.Mqtt;
import io.carrick.spi.AccessRules;
import io.carrick.spi.Authorizer.Action;
import io.carrick.spi.Resource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What docs/users.md shows. */
class UsersDocumentTest {

  @Test
  void aBrokerKeepsUsers() {
    // snippet
    User shop =
        User.of("shop", "s3cret")
            .permitted("/", new Permissions("^shop\\.", "^(shop\\.|amq\\.)", "^(shop\\.|amq\\.)"))
            .permitted("/", "amq.topic", new TopicPermissions("^{username}\\.", ".*"));
    User root = User.of("root", "s3cret too").tagged(Identity.ADMINISTRATOR).permitted("/");
    Broker broker =
        EmbeddedBroker.builder()
            .adapter(Amqp.onAnyPort())
            .users(Users.none().with(shop).with(root))
            .start();
    // end
    // snippet
    UserAdmin users = broker.admin().users();
    CompletionStage<Void> hired = users.put(User.of("till", "s3cret").permitted("/"));
    CompletionStage<Void> moved = users.change("till", till -> till.forbidden("/").permitted("eu"));
    CompletionStage<Void> fired = users.delete("till");
    // end
    List.of(hired, moved, fired).forEach(stage -> stage.toCompletableFuture().join());
    assertThat(users.list(Selection.everything()).toCompletableFuture().join().items())
        .containsExactly(root, shop);
    broker.close();
  }

  @Test
  void aFileOfPasswords(@TempDir Path folder) throws IOException {
    Path path = folder.resolve("users");
    PasswordFile.empty().with("anne", PasswordHash.of("s3cret", 4_096)).write(path);
    // snippet
    Users users = Users.none();
    PasswordFile file = PasswordFile.read(path);
    for (String name : file.names()) {
      users = users.with(User.of(name).withPassword(file.hash(name).orElseThrow()).permitted("/"));
    }
    // end
    assertThat(users.all()).extracting(User::name).containsExactly("anne");
  }

  @Test
  void rulesForTopics() {
    // snippet
    AccessRules rules =
        AccessRules.of(
            """
            topic read public/#

            user anne
            topic readwrite home/#
            topic deny home/safe/#

            pattern write devices/%c/state
            """);
    Broker broker =
        EmbeddedBroker.builder()
            .adapter(Mqtt.onAnyPort())
            .users(Users.none().with(User.of("anne", "s3cret").permitted("/")))
            .restrictedBy(rules)
            .start();
    // end
    Resource safe = Resource.topic("/", "amq.topic", "home.safe.door");
    assertThat(rules.allows(Identity.ofUser("anne"), Action.WRITE, safe)).isFalse();
    broker.close();
  }

  @Test
  void whoPublishesAndWhatIsKept() {
    // snippet
    // publishes all states, and has its own kept
    var kept = new TopicPermissions("^states\\.", ".*", "^states\\.{username}$");
    User anne = User.of("anne", "s3cret").permitted("/").permitted("/", "amq.topic", kept);
    // end
    assertThat(anne.topicPermissions().get("/")).containsEntry("amq.topic", kept);
  }
}
