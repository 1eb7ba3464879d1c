/// Whole clusters of containers, from the image that `deploy/build-image` makes: faults, restarts,
/// the compose file, and who is told which address.
///
/// They run where a Docker daemon answers; `./ferris test` installs and starts one where it can.
/// Where none is they are skipped, and each says why; with `FERRIS_CONTAINER_TESTS=required`, as on
/// CI, they fail instead. See [ContainerTest].
@NullMarked
package org.ferrisdb.integration.containers;

import org.jspecify.annotations.NullMarked;
