/// JMH benchmarks of every layer.
@NullMarked
package org.ferrisdb.benchmarks;

import org.jspecify.annotations.NullMarked;
