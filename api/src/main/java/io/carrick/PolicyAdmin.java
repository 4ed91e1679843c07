package io.carrick;

import java.util.concurrent.CompletionStage;

/**
 * The policies of a broker's virtual hosts, for who may administer those. Like {@link Admin}, whose
 * rules for threads, pages and failures hold here too.
 */
public interface PolicyAdmin {

  /** Lists policies, by virtual host, kind and name. */
  CompletionStage<Page<Policy>> list(Selection which);

  /**
   * Adds a policy, or replaces the one of that kind and name. Fails with {@link NotFoundException}
   * if there is no such virtual host, with {@link PreconditionFailedException} for one too many.
   *
   * @return completes when all queues and exchanges go by it, and it is stored
   */
  CompletionStage<Void> put(Policy policy);

  /**
   * Deletes a policy. Fails with {@link NotFoundException} if there is none.
   *
   * @return completes when no queue or exchange goes by it any more, and that is stored
   */
  CompletionStage<Void> delete(String virtualHost, Policy.Kind kind, String name);
}
