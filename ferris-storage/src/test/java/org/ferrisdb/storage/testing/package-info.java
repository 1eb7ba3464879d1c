/** Helpers for the tests of this and other modules; published as a test-jar. */
@NullMarked
package org.ferrisdb.storage.testing;

import org.jspecify.annotations.NullMarked;
