package io.carrick.engine.client;

import io.carrick.Identity;
import io.carrick.Message;
import io.carrick.engine.access.ReplyKey;
import io.carrick.engine.extension.Policies;
import io.carrick.engine.topology.VirtualHost;
import io.carrick.engine.topology.VirtualHosts;
import io.carrick.spi.Authorizer.Action;
import io.carrick.spi.ReplyRights;
import io.carrick.spi.Resource;
import java.util.Optional;

/**
 * Who may answer whom in one virtual host: whoever has got a request, if who asked could do what
 * the reply does. Thread-safe.
 */
final class HostReplies implements ReplyRights {

  private final String virtualHost;
  private final VirtualHosts hosts;
  private final Policies policies;
  private final ReplyKey key;

  HostReplies(String virtualHost, VirtualHosts hosts, Policies policies, ReplyKey key) {
    this.virtualHost = virtualHost;
    this.hosts = hosts;
    this.policies = policies;
    this.key = key;
  }

  @Override
  public Optional<String> proof(Message request) {
    return request
        .properties()
        .replyTo()
        .filter(queue -> !queue.isEmpty() && couldReach(request.publisher(), queue))
        .map(queue -> key.proof(virtualHost, queue));
  }

  @Override
  public boolean proves(String proof, String queue) {
    return key.proves(proof, virtualHost, queue);
  }

  /**
   * Returns whether somebody could bring messages to a queue: by a publish, or by a binding. Else a
   * client could have itself delivered a request of its own, and with it a right that it has not
   * got.
   */
  private boolean couldReach(Identity who, String queue) {
    return !policies.authorizes()
        || who == Identity.ANONYMOUS // this JVM's program, which needs no permission
        || isAddress(queue)
        || policies.allows(who, Action.WRITE, Resource.exchange(virtualHost, ""))
        || policies.allows(who, Action.WRITE, Resource.queue(virtualHost, queue));
  }

  /** Nobody knows such an address but who was given it. */
  private boolean isAddress(String queue) {
    VirtualHost host = hosts.find(virtualHost);
    return host != null && host.hasReplies(queue);
  }
}
