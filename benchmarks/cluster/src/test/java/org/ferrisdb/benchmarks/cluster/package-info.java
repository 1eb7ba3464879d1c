/// Tests of the race: what it computes and draws, and a short real one of FerrisDB alone.
@NullMarked
package org.ferrisdb.benchmarks.cluster;

import org.jspecify.annotations.NullMarked;
