/// Commands about keys and values: `put`, `get`, `delete`, `cas`, `scan`, `import`, `export`.
///
/// Keys and values on the command line are UTF-8 text; with `--escaped` they are bytes written as
/// in {@link org.ferrisdb.node.cli.transfer}, so that every key can be named. What is printed to a
/// terminal is escaped so that no value can play tricks on it; what goes into a file or a pipe is
/// the value, byte for byte.
@NullMarked
package org.ferrisdb.node.cli.data;

import org.jspecify.annotations.NullMarked;
