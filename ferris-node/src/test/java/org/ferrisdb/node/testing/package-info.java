/// A cluster inside one JVM: real nodes on real sockets and files, for tests that need more than
/// one.
@NullMarked
package org.ferrisdb.node.testing;

import org.jspecify.annotations.NullMarked;
