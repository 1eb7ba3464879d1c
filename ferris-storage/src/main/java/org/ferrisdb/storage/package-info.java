@NullMarked
package org.ferrisdb.storage;

import org.jspecify.annotations.NullMarked;
