/// Commands about the files of storage engines: `inspect`, `verify`, `repair`, `compact`.
///
/// They need no cluster and no node: they look at a file or a directory. What the bytes mean is
/// known by {@link org.ferrisdb.storage.inspect}; here is how it is shown, as text, as bytes beside
/// their meaning, or as JSON. `inspect` and `verify` only read and may run beside a node; `repair`
/// and `compact` change the directory and refuse one that is in use.
@NullMarked
package org.ferrisdb.node.cli.storage;

import org.jspecify.annotations.NullMarked;
