package org.ferrisdb.shard.state;

/**
 * A client's random 128-bit identity.
 *
 * @param high upper half
 * @param low lower half
 */
public record ClientId(long high, long low) implements Comparable<ClientId> {
  @Override
  public int compareTo(ClientId other) {
    int byHigh = Long.compareUnsigned(high, other.high);
    return byHigh != 0 ? byHigh : Long.compareUnsigned(low, other.low);
  }
}
