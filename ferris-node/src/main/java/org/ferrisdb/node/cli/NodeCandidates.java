package org.ferrisdb.node.cli;

import java.util.Iterator;
import java.util.List;

/** Says of a parameter that it is a node of the local cluster; the usual ones are its values. */
public final class NodeCandidates implements Iterable<String> {
  @Override
  public Iterator<String> iterator() {
    return List.of("n1", "n2", "n3").iterator();
  }
}
