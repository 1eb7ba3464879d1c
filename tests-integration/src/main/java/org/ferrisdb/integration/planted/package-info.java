/// Bugs planted on purpose, to see whether the harness finds them: a harness that has caught
/// nothing proves nothing.
///
/// Each [org.ferrisdb.integration.planted.PlantedBug] changes a few words of the production source.
/// The changed classes are compiled for the one run that wants them, into a directory that stands
/// first on the class path of its nodes:
///
/// ```
///   source + edits --javac--> classes/   java -cp classes:lib/* ... torture --workload W --faults F
/// ```
///
/// So there is no switch in the product: what is built and shipped never holds a planted bug, and
/// can not be told to. An edit names the exact text that it replaces, and fails loudly when that is
/// gone.
///
/// `./ferris planted` runs them and prints bug, workload, fault and the seconds to detection.
@NullMarked
package org.ferrisdb.integration.planted;

import org.jspecify.annotations.NullMarked;
