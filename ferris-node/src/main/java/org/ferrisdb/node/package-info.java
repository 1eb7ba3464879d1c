/// The server process.
@NullMarked
package org.ferrisdb.node;

import org.jspecify.annotations.NullMarked;
