@NullMarked
package org.ferrisdb.benchmarks.storage;

import org.jspecify.annotations.NullMarked;
