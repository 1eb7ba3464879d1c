package org.ferrisdb.node.server;

import java.util.concurrent.CompletableFuture;
import org.ferrisdb.client.wire.Envelope;
import org.ferrisdb.shard.RequestStages;

/** Answers requests. Called on event loops: must not block. */
@FunctionalInterface
public interface RequestHandler {
  /**
   * Answers the request: a builder with the body set (the connection fills in the id). A future
   * that fails becomes an {@code ErrorReply}, see {@link ErrorReplies}; throwing is the same.
   *
   * @param stages told of what the request waits for
   */
  CompletableFuture<Envelope.Builder> handle(Envelope request, Peer peer, RequestStages stages);
}
