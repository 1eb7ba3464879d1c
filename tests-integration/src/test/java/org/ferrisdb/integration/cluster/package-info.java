/**
 * Whole clusters of real node processes on loopback, and what happens to them.
 *
 * <p>{@link org.ferrisdb.integration.cluster.ClusterUnderTest} starts one in a temporary directory
 * and prints the ends of the nodes' logs when a test fails. {@link
 * org.ferrisdb.integration.cluster.RegisterWorkload} reads and writes while the test breaks things,
 * and hands what clients saw to the checker.
 */
@NullMarked
package org.ferrisdb.integration.cluster;

import org.jspecify.annotations.NullMarked;
