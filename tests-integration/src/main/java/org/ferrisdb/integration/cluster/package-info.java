/// Clusters that are there to be broken, behind one interface: [Cluster].
@NullMarked
package org.ferrisdb.integration.cluster;

import org.jspecify.annotations.NullMarked;
