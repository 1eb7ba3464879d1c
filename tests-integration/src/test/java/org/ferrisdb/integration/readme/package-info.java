/** The README keeps its word: its first program is compiled and run against a cluster. */
@NullMarked
package org.ferrisdb.integration.readme;

import org.jspecify.annotations.NullMarked;
