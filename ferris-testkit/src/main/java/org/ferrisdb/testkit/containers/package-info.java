/// FerrisDB in containers, for Testcontainers: [FerrisContainer] is one node,
/// [FerrisClusterContainers] a cluster whose nodes can be killed, paused, cut off the network and
/// emptied.
///
/// Both run the image that `./ferris image` builds, `ferrisdb:dev`; the environment variable
/// `FERRIS_IMAGE` names another. Nothing is pulled.
///
/// Clients in the test's JVM reach nodes by ports published on 127.0.0.1, clients in containers by
/// the nodes' names in the containers' network; each follows leaders on its own side, because nodes
/// advertise both addresses (setting `client.networks`).
///
/// The image holds no shell, so nothing can be run inside of a container but FerrisDB's own command
/// line: [FerrisContainer#cli].
@NullMarked
package org.ferrisdb.testkit.containers;

import org.jspecify.annotations.NullMarked;
