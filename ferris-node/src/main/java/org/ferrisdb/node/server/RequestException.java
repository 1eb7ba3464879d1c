package org.ferrisdb.node.server;

import org.ferrisdb.client.wire.ErrorCode;
import org.ferrisdb.client.wire.ErrorReply;
import org.ferrisdb.client.wire.Outcome;

/**
 * A request that ends with an ErrorReply that is known already. Stackless: it is an answer, no bug.
 */
public final class RequestException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient ErrorReply reply;

  /** The reply to send. */
  public RequestException(ErrorReply reply) {
    super(reply.getMessage(), null, false, false);
    this.reply = reply;
  }

  /** A refusal: certainly not applied. */
  public static RequestException refused(ErrorCode code, String message, String hint) {
    return new RequestException(
        ErrorReply.newBuilder()
            .setCode(code)
            .setOutcome(Outcome.NOT_APPLIED)
            .setMessage(message)
            .setHint(hint)
            .build());
  }

  /** The reply to send. */
  public ErrorReply reply() {
    return reply;
  }
}
