/// A cluster inside one JVM: real nodes on real sockets and files, for tests that need more than
/// one. Quicker to start than the processes of `org.ferrisdb.node.local`, and it can not be paused
/// or killed from outside: [EmbeddedCluster#kill] comes as near to a crash as a JVM can.
@NullMarked
package org.ferrisdb.node.embedded;

import org.jspecify.annotations.NullMarked;
