/// Faults that are injected on purpose, one [Nemesis] for each kind.
@NullMarked
package org.ferrisdb.integration.nemesis;

import org.jspecify.annotations.NullMarked;
