/**
 * The rules that hold the house together, as tests: which module may use which, which package of
 * the storage engine may use which, and that the documents name only what exists.
 */
@NullMarked
package org.ferrisdb.integration.architecture;

import org.jspecify.annotations.NullMarked;
