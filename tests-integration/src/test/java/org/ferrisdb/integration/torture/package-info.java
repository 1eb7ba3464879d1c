/// Tests of `./ferris torture`, from its arithmetic to a short matrix on a real cluster.
@NullMarked
package org.ferrisdb.integration.torture;

import org.jspecify.annotations.NullMarked;
