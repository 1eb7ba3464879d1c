@NullMarked
package org.ferrisdb.storage.io;

import org.jspecify.annotations.NullMarked;
