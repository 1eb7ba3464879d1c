package org.ferrisdb.raft;

import java.util.UUID;

/** The identity of a Raft group, the same on every node of a cluster. */
public record GroupId(UUID value) {
  @Override
  public String toString() {
    return value.toString();
  }
}
