/**
 * Faults that a test can put between real node processes on one machine.
 *
 * <p>{@link org.ferrisdb.integration.faults.LinkProxy} stands in front of one port of one node and
 * lets every connection through until it is told otherwise. It knows which process opened a
 * connection (from the kernel's table of sockets), so a single direction between two nodes can be
 * cut: the bytes are swallowed and the connection stays open, as a network that drops packets does.
 */
@NullMarked
package org.ferrisdb.integration.faults;

import org.jspecify.annotations.NullMarked;
