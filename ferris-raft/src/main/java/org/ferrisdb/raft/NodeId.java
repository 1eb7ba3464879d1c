package org.ferrisdb.raft;

import java.util.regex.Pattern;

/**
 * The identity of one data directory, drawn at random when the directory was first used; a node
 * whose disk was emptied comes back with a new one. Also the node's Raft peer id.
 *
 * @param value 16 lower-case hexadecimal digits
 */
public record NodeId(String value) implements Comparable<NodeId> {
  private static final Pattern FORM = Pattern.compile("[0-9a-f]{16}");

  public NodeId {
    if (!FORM.matcher(value).matches()) {
      throw new IllegalArgumentException("not a node id (16 hexadecimal digits): " + value);
    }
  }

  @Override
  public int compareTo(NodeId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
