package org.ferrisdb.node.cluster;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one logger of this package, so that an operator finds all of it under one name. */
final class Logs {
  static final Logger CLUSTER = LoggerFactory.getLogger("ferris.cluster");

  private Logs() {}
}
