/// Commands about nodes: `node`, `up`, `down`, `restart`, `kill`, `status`.
@NullMarked
package org.ferrisdb.node.cli.cluster;

import org.jspecify.annotations.NullMarked;
