package org.ferrisdb.shard;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * What a replica's whole state amounts to: replicas that have applied the log up to the same index
 * have the same digest (rule 9), or one of them is wrong.
 *
 * @param appliedIndex index of the last log entry in it
 * @param digest 32 hexadecimal digits
 */
public record StateDigest(long appliedIndex, String digest) {
  private static final int BYTES = 16;

  /** Adds up parts; the order of parts and where one ends matter. Not thread-safe. */
  public static final class Builder {
    private final MessageDigest sha;

    /** Of nothing yet. */
    public Builder() {
      try {
        sha = MessageDigest.getInstance("SHA-256");
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every JDK has SHA-256", e);
      }
    }

    /** The next part. */
    public Builder add(byte[] part) {
      add(part.length);
      sha.update(part);
      return this;
    }

    /** The next part, text. */
    public Builder add(String part) {
      return add(part.getBytes(StandardCharsets.UTF_8));
    }

    /** The next part, a number. */
    public Builder add(long part) {
      sha.update(ByteBuffer.allocate(Long.BYTES).putLong(part).array());
      return this;
    }

    /** The digest of all parts; ends the builder. */
    public StateDigest at(long appliedIndex) {
      return new StateDigest(appliedIndex, HexFormat.of().formatHex(sha.digest(), 0, BYTES));
    }
  }
}
